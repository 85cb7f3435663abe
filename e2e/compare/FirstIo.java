import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code FirstIo ROUNDS UBLK-CSI ENGINE-ARGUMENT...}: how long it takes from the start of an engine's process until a
 * read of a device of it has ended, with the AOT cache and without, in turn. The client is this program, which is warm
 * after a round that does not count. The volume is {@code files/first}.
 */
final class FirstIo {
    private static final int BLOCK = 4096;

    private record Times(double servesMs, double firstIoMs) {}

    public static void main(String[] args) throws Exception {
        int rounds = Integer.parseInt(args[0]);
        List<String> command = Arrays.asList(args).subList(1, args.length);
        List<Times> with = new ArrayList<>();
        List<Times> without = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            Times cached = start(command, "");
            Times plain = start(command, "-XX:AOTMode=off");
            if (round > 0) {
                with.add(cached);
                without.add(plain);
            }
        }
        System.out.printf("%-20s%12s%16s%22s%n", "ms, median", "API serves", "first I/O done", "least..most");
        print("with AOT cache", with);
        print("without", without);
        System.exit(0);
    }

    private static void print(String name, List<Times> times) {
        List<Double> first = times.stream().map(Times::firstIoMs).sorted().toList();
        List<Double> serves = times.stream().map(Times::servesMs).sorted().toList();
        System.out.printf(
                "%-20s%12.0f%16.0f%22s%n",
                name,
                serves.get(serves.size() / 2),
                first.get(first.size() / 2),
                "%.0f..%.0f".formatted(first.getFirst(), Collections.max(first)));
    }

    private static Times start(List<String> command, String javaOptions) throws Exception {
        Files.deleteIfExists(EngineClient.SOCKET);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(Path.of("/run/first-io.log").toFile()));
        builder.environment().put("UBLK_CSI_JAVA_OPTS", javaOptions);
        long beganNs = System.nanoTime();
        Process engine = builder.start();
        try {
            while (!Files.exists(EngineClient.SOCKET)) {
                if (!engine.isAlive() || System.nanoTime() - beganNs > EngineClient.DEADLINE_NS) {
                    throw new IllegalStateException("the engine did not start: see /run/first-io.log in the guest");
                }
                LockSupport.parkNanos(1_000_000);
            }
            double servesMs = (System.nanoTime() - beganNs) / 1e6;
            try (EngineClient client = new EngineClient()) {
                read(client.attach("first"));
            }
            return new Times(servesMs, (System.nanoTime() - beganNs) / 1e6);
        } finally {
            engine.destroy();
            engine.waitFor();
        }
    }

    private static void read(String device) throws IOException {
        try (InputStream disk = Files.newInputStream(Path.of(device))) {
            if (disk.readNBytes(BLOCK).length != BLOCK) {
                throw new IOException(device + " is shorter than a block");
            }
        }
    }
}
