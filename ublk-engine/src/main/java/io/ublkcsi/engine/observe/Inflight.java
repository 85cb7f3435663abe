package io.ublkcsi.engine.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Requests under way, as the kernel's block layer counts them. */
public final class Inflight {
    private static final Path BLOCK = Path.of("/sys/block");

    private Inflight() {}

    /**
     * @param device such as {@code /dev/ublkb0}
     * @return 0 when the kernel does not say
     */
    public static long of(String device) {
        Path file = BLOCK.resolve(Path.of(device).getFileName()).resolve("inflight");
        try {
            long sum = 0;
            for (String number : Files.readString(file).strip().split("\\s+")) {
                sum += Long.parseLong(number);
            }
            return sum;
        } catch (IOException | NumberFormatException gone) {
            return 0;
        }
    }
}
