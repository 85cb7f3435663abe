package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.Device;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Many devices at once, and many one after another, with nothing left behind. */
class ScaleIT {
    private static final int DEVICES = 60;
    private static final int CALLERS = 8;
    private static final int BLOCK = 4096;
    /** How often a volume is attached and detached; the long form is 500. */
    private static final int CYCLES = Integer.parseInt(Guest.environment("E2E_CYCLES"));

    @Test
    void sixtyDevicesAtOnce() throws Exception {
        try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
            try {
                List<Device> devices = InParallel.run(callers, DEVICES, i -> {
                    Guest.create(Guest.POOL, "many-" + i, 16 * Guest.MIB);
                    return Guest.attach(Guest.POOL, "many-" + i);
                });
                assertThat(devices.stream().map(Device::getPath).distinct()).hasSize(DEVICES);
                List<String> paths = devices.stream().map(Device::getPath).toList();
                InParallel.run(callers, DEVICES, i -> write(paths.get(i)));
                Shell.run("blockdev --flushbufs " + String.join(" ", paths));
                assertThat(InParallel.run(callers, DEVICES, i -> read(paths.get(i))))
                        .isEqualTo(paths);
            } finally {
                InParallel.run(callers, DEVICES, i -> {
                    Guest.detach(Guest.POOL, "many-" + i);
                    Guest.delete(Guest.POOL, "many-" + i);
                    return i;
                });
            }
        }
    }

    /** Writes a device's path into its first block. */
    private static Path write(String path) {
        byte[] block = Arrays.copyOf(path.getBytes(StandardCharsets.UTF_8), BLOCK);
        try {
            return Files.write(Path.of(path), block, StandardOpenOption.WRITE, StandardOpenOption.DSYNC);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String read(String path) {
        try (InputStream disk = Files.newInputStream(Path.of(path))) {
            return new String(disk.readNBytes(BLOCK), StandardCharsets.UTF_8).trim();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void cyclesLeaveNothingBehind() {
        Guest.create(Guest.POOL, "cycle", 16 * Guest.MIB);
        cycle(10);
        Footprint before = Footprint.now("before");
        cycle(CYCLES);
        Footprint after = Footprint.now("after");
        Guest.delete(Guest.POOL, "cycle");
        System.out.println(CYCLES + " cycles: before " + before + ", after " + after);
        assertThat(after.devices()).isEqualTo(before.devices());
        assertThat(after.descriptors()).as("descriptors").isLessThanOrEqualTo(before.descriptors() + 4);
        assertThat(after.threads()).as("threads").isLessThanOrEqualTo(before.threads() + 4);
        assertThat(after.mappings()).as("mappings").isLessThanOrEqualTo(before.mappings() + 16);
    }

    private static void cycle(int times) {
        for (int i = 0; i < times; i++) {
            Guest.attach(Guest.POOL, "cycle");
            Guest.detach(Guest.POOL, "cycle");
        }
    }

    /** What the engine and the kernel hold. */
    private record Footprint(long devices, long descriptors, long threads, long mappings) {
        private static final int PATIENCE_S = 60;
        /** Of the engine's threads ({@code -Xss}), guard pages included. */
        private static final long STACK_BYTES = 256 << 10;

        private static final long PAGE_BYTES = 4096;

        /**
         * Threads of API calls come and go: when there was no call for a while, they are gone. The mappings that are
         * counted are kept as {@code maps-WHEN} in the results, for whoever has to find out what has come.
         */
        static Footprint now(String when) {
            String proc = "/proc/" + Guest.enginePid();
            String calls = "cat " + proc + "/task/*/comm | grep -q ^api-call";
            Shell.run("for i in {1.." + PATIENCE_S + "}; do " + calls + " || break; sleep 1; done; ! " + calls);
            Path maps = Path.of(Guest.environment("RESULTS"), "maps-" + when);
            Shell.run("cat " + proc + "/maps > " + maps);
            return new Footprint(
                    count("ls /dev | grep -c ublkc || true"),
                    count("ls " + proc + "/fd | wc -l"),
                    count("ls " + proc + "/task | wc -l"),
                    mappings(maps));
        }

        /**
         * But for stacks: glibc keeps up to 40 MiB of those of threads that ended (nptl/nptl-stack.c). A stack is what
         * the thread uses, the JVM's guard zone below it, which makes up {@link #STACK_BYTES} with it, and often a
         * guard page of glibc's below that.
         */
        private static long mappings(Path maps) {
            List<Mapping> all = Shell.read(maps).lines().map(Mapping::of).toList();
            long count = all.size();
            for (int i = 1; i < all.size(); i++) {
                Mapping zone = all.get(i - 1);
                if (zone.isBelow(all.get(i)) && all.get(i).end - zone.begin == STACK_BYTES) {
                    boolean guardPage = i > 1
                            && all.get(i - 2).isBelow(zone)
                            && all.get(i - 2).bytes() == PAGE_BYTES;
                    count -= guardPage ? 3 : 2;
                }
            }
            return count;
        }

        /** A line of {@code /proc/PID/maps}. */
        private record Mapping(long begin, long end, boolean accessible) {
            static Mapping of(String line) {
                String[] words = line.split(" ");
                String[] range = words[0].split("-");
                return new Mapping(
                        Long.parseUnsignedLong(range[0], 16),
                        Long.parseUnsignedLong(range[1], 16),
                        !words[1].equals("---p"));
            }

            long bytes() {
                return end - begin;
            }

            /** Whether this guards the one above. */
            boolean isBelow(Mapping above) {
                return !accessible && end == above.begin;
            }
        }

        private static long count(String line) {
            return Long.parseLong(Shell.run(line));
        }
    }
}
