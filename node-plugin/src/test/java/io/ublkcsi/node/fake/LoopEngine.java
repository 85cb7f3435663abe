package io.ublkcsi.node.fake;

import io.ublkcsi.common.rpc.Endpoint;
import io.ublkcsi.common.rpc.UnixServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An engine for machines without ublk: the kernel's loop driver over sparse files. Lets csi-sanity run against the two
 * plugins as they are, on real block devices. Needs root. Arguments: socket, folder for images.
 */
public final class LoopEngine implements Backing {
    private final Path folder;

    private LoopEngine(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createDirectories(Path.of(arguments[1]));
        LoopEngine backing = new LoopEngine(folder);
        FakePools pools = new FakePools(backing);
        try (UnixServer server =
                UnixServer.start(Endpoint.parse(arguments[0]), List.of(pools, new FakeEngine(pools, backing)))) {
            server.awaitEnd();
        }
    }

    @Override
    public void create(String image, long sizeBytes, Optional<String> copyOf) {
        copyOf.ifPresent(source -> {
            run("sync", "-f", folder.toString());
            run("cp", "--sparse=always", path(source), path(image));
        });
        run("truncate", "-s", Long.toString(sizeBytes), path(image));
    }

    @Override
    public void delete(String image) {
        run("rm", "-f", path(image));
    }

    @Override
    public void grow(String image, long sizeBytes) {
        run("truncate", "-s", Long.toString(sizeBytes), path(image));
    }

    @Override
    public boolean hasData(String image) {
        return !run("stat", "-c", "%b", path(image)).equals("0");
    }

    @Override
    public Node attach(String image, boolean readOnly) {
        List<String> command = new ArrayList<>(List.of("losetup", "--find", "--show"));
        if (readOnly) {
            command.add("--read-only");
        }
        command.add(path(image));
        String device = run(command.toArray(String[]::new));
        String[] numbers = run("lsblk", "-nrdo", "MAJ:MIN", device).strip().split(":");
        return new Node(device, Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
    }

    @Override
    public void resize(Node node) {
        run("losetup", "--set-capacity", node.path());
    }

    @Override
    public boolean detach(Node node) {
        try {
            // losetup -d of a busy device only marks it: ask for the exclusive right to it first.
            run("blockdev", "--flushbufs", node.path());
            if (run("sh", "-c", "grep -c ' " + node.path() + " ' /proc/self/mountinfo || true")
                    .equals("0")) {
                run("losetup", "--detach", node.path());
                return true;
            }
            return false;
        } catch (UncheckedIOException busy) {
            return false;
        }
    }

    private String path(String image) {
        return folder.resolve(image + ".img").toString();
    }

    private static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(String.join(" ", command) + " ended with " + code + ": " + output);
            }
            return output;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
