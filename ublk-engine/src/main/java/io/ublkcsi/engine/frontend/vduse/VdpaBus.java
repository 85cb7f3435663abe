package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings devices to the vDPA bus and binds the block driver to them, the safe way: a device is added while the bus
 * probes nothing, so that netlink is held for a moment only, and is bound through sysfs afterwards. A server that dies
 * in the middle of a probe hangs that binding and nothing else.
 *
 * <p>Whatever may hang in the kernel runs as a process of its own: a thread of the engine that hung there would keep a
 * killed engine's files open, and its successor out.
 */
final class VdpaBus {
    private static final Logger LOG = LoggerFactory.getLogger(VdpaBus.class);

    private static final Path AUTOPROBE = SysDevice.BUS.resolve("drivers_autoprobe");
    private static final List<String> TOOLS = List.of("/usr/sbin/vdpa", "/sbin/vdpa", "/usr/bin/vdpa");
    private static final long DEADLINE_S = 60;

    private VdpaBus() {}

    static @Nullable String tool() {
        return TOOLS.stream()
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElse(null);
    }

    /** Adds the device to the bus, bound to nothing. */
    static synchronized void add(String name) {
        String before = autoprobe("0");
        try {
            run("adding " + name + " to the vDPA bus", vdpa("dev", "add", "name", name, "mgmtdev", "vduse"));
        } finally {
            autoprobe(before);
        }
    }

    /**
     * Takes an unbound device from the bus. One that somebody else was about to take away, and whose driver was waiting
     * for us, is gone by then.
     */
    static void remove(String name) {
        try {
            run("taking " + name + " from the vDPA bus", vdpa("dev", "del", name));
        } catch (EngineException refused) {
            if (SysDevice.isOnBus(name)) {
                throw refused;
            }
        }
    }

    /** Has the driver make the disk; it sends messages and requests meanwhile, so the device must be served. */
    static void bind(String name) {
        write(name, "bind");
    }

    static void unbind(String name) {
        write(name, "unbind");
    }

    private static void write(String name, String file) {
        String script = "printf %s \"$1\" > \"$2\"";
        String target = SysDevice.DRIVER.resolve(file).toString();
        run("the driver's " + file + " of " + name, Stream.of("/bin/sh", "-c", script, "sh", name, target));
    }

    private static Stream<String> vdpa(String... arguments) {
        String tool = tool();
        if (tool == null) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION, "the program 'vdpa' is missing: Debian has it in the package iproute2");
        }
        return Stream.concat(Stream.of(tool), Stream.of(arguments));
    }

    /** Sets the bus's switch for all of its devices; answers how it stood. */
    private static String autoprobe(String value) {
        try {
            String before = Files.readString(AUTOPROBE).strip();
            Files.writeString(AUTOPROBE, value);
            return before;
        } catch (IOException failure) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION, "writing " + AUTOPROBE + " failed: " + failure.getMessage(), failure);
        }
    }

    private static void run(String what, Stream<String> command) {
        try {
            Process process = new ProcessBuilder(command.toList())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(DEADLINE_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                LOG.warn("{}: process {} waits in the kernel and is left behind", what, process.pid());
                throw new EngineException(
                        Kind.DEADLINE_EXCEEDED,
                        what + " did not end within " + DEADLINE_S + " s: process " + process.pid()
                                + " waits in the kernel, and ends once the device is served again");
            }
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.exitValue() != 0) {
                throw new EngineException(Kind.INTERNAL, what + " failed: " + said);
            }
        } catch (IOException failure) {
            throw new EngineException(Kind.INTERNAL, what + " failed: " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new EngineException(Kind.ABORTED, what + " was interrupted", interrupted);
        }
    }
}
