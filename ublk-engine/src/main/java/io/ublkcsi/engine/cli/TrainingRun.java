package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.PoolSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the build runs to write the AOT caches (JEP 483, 514): an engine without devices, and in a process of their own
 * the calls to it, so that neither cache holds the other's classes: an engine's memory is locked, its cache with it.
 * Needs no root and no ublk.
 */
final class TrainingRun {
    private static final Ending ENDING = new Ending(true, Path.of("/none"), 0);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private TrainingRun() {}

    /**
     * @param args {@code clients FOLDER}, or {@code engine FOLDER}, which ends with its standard input: the clients'
     *     standard output
     */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[1]);
        if (args[0].equals("engine")) {
            loadOwnClasses();
            serve(folder);
        } else {
            call(folder);
        }
        System.exit(ExitCode.OK);
    }

    private static Path socket(Path folder) {
        return folder.resolve("run/engine.sock");
    }

    private static void serve(Path folder) throws IOException {
        Path pool = Files.createDirectory(folder.resolve("pool"));
        EngineLog.configure(false, "error");
        List<PoolSpec> pools = List.of(PoolSpec.parse("name=p,kind=file,allowBuffered,path=" + pool));
        try (EngineProcess _ = EngineProcess.start(new EngineOptions(
                socket(folder), folder.resolve("state"), pools, "127.0.0.1:0", false, 0, ENDING, false))) {
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static void call(Path folder) throws InterruptedException {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (Files.notExists(socket(folder)) && Instant.now().isBefore(deadline)) {
            Thread.sleep(10);
        }
        for (String call : List.of(
                "volume create p/v --size 1Mi",
                "volume list",
                "attach p/v",
                "list --json",
                "list",
                "stats",
                "pools",
                "detach p/v",
                "snapshot create p/s --of v",
                "volume delete p/v")) {
            client(call + " --socket " + socket(folder));
        }
        client("doctor");
    }

    /** Failures are no matter: without ublk an attach gets one. */
    private static void client(String call) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        String[] args = call.split(" ");
        UblkCsi.commandLine(args).setOut(nowhere).setErr(nowhere).execute(args);
    }

    /** Those of the data path too, which only a device uses. */
    private static void loadOwnClasses() throws Exception {
        URI jar = TrainingRun.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI();
        try (FileSystem inside = FileSystems.newFileSystem(Path.of(jar));
                Stream<Path> files = Files.walk(inside.getPath("/io"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                String name = file.toString().substring(1).replace(".class", "").replace('/', '.');
                if (!name.endsWith("-info")) {
                    Class.forName(name, false, TrainingRun.class.getClassLoader());
                }
            }
        }
    }
}
