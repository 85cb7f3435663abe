package io.ublkcsi.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How long I/O stood still, for people and as {@code recovery.json} in the results; one line for each cell. */
final class StallReport {
    private static final List<String> ROWS = new ArrayList<>();
    private static final List<String> JSON = new ArrayList<>();

    private StallReport() {}

    static synchronized void add(String path, String trigger, List<Double> stallsMs, long errors, long mismatches)
            throws IOException {
        List<Double> sorted = stallsMs.stream().sorted().toList();
        double median = quantile(sorted, 0.5);
        double p99 = quantile(sorted, 0.99);
        double max = sorted.getLast();
        ROWS.add(String.format(
                Locale.ROOT,
                "%-18s %-10s %5d kills, stall ms: min %6.0f  median %6.0f  p99 %6.0f  max %6.0f",
                path,
                trigger,
                sorted.size(),
                sorted.getFirst(),
                median,
                p99,
                max));
        JSON.add(String.format(
                Locale.ROOT,
                "{\"kernel\": \"%s\", \"path\": \"%s\", \"trigger\": \"%s\", \"kills\": %d, \"ioErrors\": %d,"
                        + " \"mismatches\": %d, \"stallMs\": {\"min\": %.1f, \"median\": %.1f, \"p99\": %.1f,"
                        + " \"max\": %.1f}}",
                Guest.environment("UBLK_CSI_GUEST"),
                path,
                trigger,
                sorted.size(),
                errors,
                mismatches,
                sorted.getFirst(),
                median,
                p99,
                max));
        Files.writeString(
                Path.of(Guest.environment("RESULTS"), "recovery.json"), "[\n" + String.join(",\n", JSON) + "\n]\n");
        System.out.println(ROWS.getLast());
    }

    private static double quantile(List<Double> sorted, double q) {
        return sorted.get((int) Math.min(sorted.size() - 1, Math.round(q * (sorted.size() - 1))));
    }

    static synchronized void print() {
        ROWS.forEach(System.out::println);
    }
}
