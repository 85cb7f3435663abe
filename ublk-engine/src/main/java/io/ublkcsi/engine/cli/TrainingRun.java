package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.PoolSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
    /** An emulated machine is slow. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private TrainingRun() {}

    /**
     * @param args {@code clients FOLDER}, which leaves a file {@code trained} there when every call did what it should;
     *     or {@code engine FOLDER}, which ends with its standard input: the clients' standard output
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

    /** And once more, on what is there then: records are read. */
    private static void serve(Path folder) throws IOException {
        Path pool = Files.createDirectory(folder.resolve("pool"));
        EngineLog.configure(false, "error");
        List<PoolSpec> pools = List.of(PoolSpec.parse("name=p,kind=file,allowBuffered,path=" + pool));
        int port = freePort();
        EngineOptions options = new EngineOptions(
                socket(folder), folder.resolve("state"), pools, "127.0.0.1:" + port, false, 0, ENDING, false);
        try (EngineProcess _ = EngineProcess.start(options)) {
            readMetrics(port);
            System.in.transferTo(OutputStream.nullOutputStream());
        }
        EngineProcess.start(options).close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Without an HTTP client, whose classes the engine does not need. */
    private static void readMetrics(int port) throws IOException {
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            server.setSoTimeout((int) PATIENCE.toMillis());
            server.getOutputStream().write("GET /metrics HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(server.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.contains("ublk_csi_")) {
                throw new IllegalStateException("the engine's metrics: " + answer);
            }
        }
    }

    private static void call(Path folder) throws Exception {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (Files.notExists(socket(folder)) && Instant.now().isBefore(deadline)) {
            Thread.sleep(10);
        }
        String socket = " --socket " + socket(folder);
        insist("volume create p/v --size 1Mi" + socket);
        insist("volume list p" + socket);
        // Without ublk it is refused, which is no matter.
        client("attach p/v" + socket);
        insist("list --json" + socket);
        insist("list" + socket);
        insist("stats" + socket);
        insist("pools" + socket);
        insist("detach p/v" + socket);
        insist("snapshot create p/s --of v" + socket);
        insist("volume delete p/v" + socket);
        client("doctor");
        Files.createFile(folder.resolve("trained"));
    }

    private static void insist(String call) {
        int status = client(call);
        if (status != ExitCode.OK) {
            throw new IllegalStateException("'ublk-csi " + call + "' ended with " + status);
        }
    }

    private static int client(String call) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        String[] args = call.split(" ");
        return UblkCsi.commandLine(args).setOut(nowhere).setErr(nowhere).execute(args);
    }

    /** Those of the data path too, which only a device uses; not those of the clients. */
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
                boolean client = name.endsWith("Command") && !name.endsWith("EngineCommand");
                if (!client && !name.endsWith("-info")) {
                    Class.forName(name, false, TrainingRun.class.getClassLoader());
                }
            }
        }
    }
}
