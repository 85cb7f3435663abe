package io.ublkcsi.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How long I/O stood still: a table for people, and {@code recovery.json} in the results; a line for each cell. */
final class StallReport {
    private static final List<String> ROWS = new ArrayList<>();
    private static final List<String> JSON = new ArrayList<>();

    private StallReport() {}

    /**
     * One cell.
     *
     * @param server what was killed, such as {@code ublk-csi}
     * @param devices how many it served
     */
    record Cell(String server, int devices, String path, String trigger, int wanted) {
        Cell {
            trigger = trigger.toLowerCase(Locale.ROOT);
        }
    }

    static synchronized void add(Cell cell, List<Double> stallsMs, long errors, long mismatches) throws IOException {
        List<Double> sorted = stallsMs.stream().sorted().toList();
        double median = quantile(sorted, 0.5);
        double p99 = quantile(sorted, 0.99);
        ROWS.add(row(cell, sorted, median, p99) + few(cell, sorted.size()));
        JSON.add(String.format(
                Locale.ROOT,
                "{\"kernel\": \"%s\", \"server\": \"%s\", \"devices\": %d, \"path\": \"%s\", \"trigger\": \"%s\","
                        + " \"killsWanted\": %d, \"kills\": %d, \"ioErrors\": %d, \"mismatches\": %d,"
                        + " \"stallMs\": {\"min\": %.1f, \"median\": %.1f, \"p99\": %.1f, \"max\": %.1f}}",
                Guest.environment("UBLK_CSI_GUEST"),
                cell.server,
                cell.devices,
                cell.path,
                cell.trigger,
                cell.wanted,
                sorted.size(),
                errors,
                mismatches,
                sorted.getFirst(),
                median,
                p99,
                sorted.getLast()));
        write("recovery.json", "[\n" + String.join(",\n", JSON) + "\n]\n");
        write("recovery.txt", String.join("\n", ROWS) + "\n");
        System.out.println(ROWS.getLast());
    }

    private static String row(Cell cell, List<Double> sorted, double median, double p99) {
        return String.format(
                Locale.ROOT,
                "%-9s %2d devices  %-17s %-9s %4d kills, I/O stood still for ms: min %5.0f  median %5.0f  p99 %5.0f"
                        + "  max %5.0f",
                cell.server,
                cell.devices,
                cell.path,
                cell.trigger,
                sorted.size(),
                sorted.getFirst(),
                median,
                p99,
                sorted.getLast());
    }

    private static String few(Cell cell, int kills) {
        return kills < cell.wanted ? "  (" + kills + " of " + cell.wanted + " kills: this machine is slow)" : "";
    }

    private static void write(String name, String text) throws IOException {
        Files.writeString(Path.of(Guest.environment("RESULTS"), name), text);
    }

    private static double quantile(List<Double> sorted, double q) {
        return sorted.get((int) Math.min(sorted.size() - 1, Math.round(q * (sorted.size() - 1))));
    }

    static synchronized void print() {
        ROWS.forEach(System.out::println);
    }
}
