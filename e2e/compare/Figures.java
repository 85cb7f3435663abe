import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * {@code Figures FOLDER [--instructions]}: reads what {@code guest} left there in {@code cells}, prints a table a
 * workload, and leaves the same as {@code bench.json}.
 *
 * <p>Of each row the median of the rounds is shown, and between which figures the rounds were: of five rounds, that
 * interval holds the true median with a certainty of 94 %. {@code spread} is its width, divided by the median. What a
 * row is beside the kernel's loop driver is the median of the rounds' quotients.
 */
final class Figures {
    /** QEMU's {@code -icount shift=1}: an instruction takes two nanoseconds of the guest's clock. */
    private static final double NS_PER_INSTRUCTION = 2;

    private static final double NS_PER_TICK = 1e7;
    private static final String QUEUE = "queue";
    private static final String REST = "rest";

    private final Map<Key, Row> rows = new LinkedHashMap<>();
    private final boolean instructions;

    private Figures(boolean instructions) {
        this.instructions = instructions;
    }

    /** A row of a table. */
    private record Key(String workload, int depth, String target, String name) {
        String table() {
            return workload + ", depth " + depth + ", " + target;
        }
    }

    /** Everything that was measured of one row: a list of values for each figure. */
    private static final class Row {
        private final Map<String, List<Double>> values = new HashMap<>();

        void add(String figure, double value) {
            values.computeIfAbsent(figure, any -> new ArrayList<>()).add(value);
        }

        /** NaN when it was not measured. */
        double median(String figure) {
            double[] sorted = sorted(figure);
            int n = sorted.length;
            return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
        }

        /**
         * How many times another row's figure: the median of the rounds' own quotients, because a machine that is
         * slow for a while is so for both. NaN when either was not measured.
         */
        double times(Row other, String figure) {
            List<Double> mine = values.getOrDefault(figure, List.of());
            List<Double> others = other.values.getOrDefault(figure, List.of());
            Row quotients = new Row();
            for (int round = 0; round < Math.min(mine.size(), others.size()); round++) {
                quotients.add(figure, mine.get(round) / others.get(round));
            }
            return quotients.median(figure);
        }

        double least(String figure) {
            return sorted(figure)[0];
        }

        double most(String figure) {
            double[] sorted = sorted(figure);
            return sorted[sorted.length - 1];
        }

        private double[] sorted(String figure) {
            double[] all = values.getOrDefault(figure, List.of()).stream()
                    .mapToDouble(Double::doubleValue)
                    .toArray();
            Arrays.sort(all);
            return all;
        }
    }

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        Figures figures = new Figures(args.length > 1 && args[1].equals("--instructions"));
        for (String line : Files.readAllLines(folder.resolve("cells"))) {
            figures.read(line.strip());
        }
        figures.print();
        if (Files.exists(folder.resolve("metrics-cost"))) {
            figures.printMetrics(Files.readString(folder.resolve("metrics-cost")).strip());
        }
        Files.writeString(folder.resolve("bench.json"), figures.json());
        if (figures.rows.isEmpty()) {
            System.err.println("nothing was measured: see the console above");
            System.exit(1);
        }
    }

    private void read(String line) {
        String[] words = line.split(" +");
        int at = words[0].equals("cell") ? 2 : 1;
        Key key = new Key(words[at], Integer.parseInt(words[at + 1]), words[at + 2], words[at + 3]);
        Row row = rows.computeIfAbsent(key, any -> new Row());
        Map<String, String> fields = fields(words);
        double ios = Double.parseDouble(fields.get("ios"));
        if (ios == 0) {
            System.err.println("no I/O: " + line);
            return;
        }
        switch (words[0]) {
            case "cell" -> cell(row, fields, ios);
            case "enters" -> {
                row.add("enters", Double.parseDouble(fields.get("enters")) / ios);
                if (fields.containsKey("punts")) {
                    row.add("punts", Double.parseDouble(fields.get("punts")) / ios);
                }
            }
            case "gaps" -> gaps(row, fields, ios);
            default -> throw new IllegalArgumentException(line);
        }
    }

    private static Map<String, String> fields(String[] words) {
        Map<String, String> fields = new HashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                fields.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return fields;
    }

    private static void cell(Row row, Map<String, String> fields, double ios) {
        row.add("iops", Double.parseDouble(fields.get("iops")));
        row.add("p50us", Double.parseDouble(fields.get("p50us")));
        row.add("p99us", Double.parseDouble(fields.get("p99us")));
        row.add("errors", Double.parseDouble(fields.get("errors")));
        row.add("machineNs", 1e9 / Double.parseDouble(fields.get("iops")));
        Map<String, long[]> before = threads(fields.getOrDefault("before", ""));
        Map<String, long[]> after = threads(fields.getOrDefault("after", ""));
        after.forEach((kind, now) -> {
            long[] then = before.getOrDefault(kind, new long[3]);
            double run = now[0] - then[0];
            double user = now[1] - then[1];
            double ticks = user + now[2] - then[2];
            row.add(kind + "Ns", run / ios);
            row.add(kind + "UserNs", ticks == 0 ? 0 : run * user / ticks / ios);
        });
    }

    /** {@code CLASS=run-ns,user-ticks,system-ticks;...} */
    private static Map<String, long[]> threads(String text) {
        Map<String, long[]> threads = new HashMap<>();
        for (String part : text.split(";")) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                threads.put(
                        part.substring(0, equals),
                        Arrays.stream(part.substring(equals + 1).split(","))
                                .mapToLong(Long::parseLong)
                                .toArray());
            }
        }
        return threads;
    }

    private static void gaps(Row row, Map<String, String> fields, double ios) {
        double calls = Double.parseDouble(fields.get("calls"));
        double ns = Double.parseDouble(fields.get("userNs")) - calls * Double.parseDouble(fields.get("emptyNs"));
        row.add("tracedUserNs", ns / ios);
    }

    private void print() {
        Set<String> tables = new LinkedHashSet<>();
        rows.keySet().forEach(key -> tables.add(key.table()));
        for (String table : tables) {
            System.out.printf("%n%s%n", table);
            System.out.printf(
                    "  %-24s%9s  %-19s%8s%8s%8s%9s%9s%8s%8s%s%n",
                    "",
                    "IOPS",
                    " least..most",
                    "of loop",
                    "p50 us",
                    "p99 us",
                    "user ns",
                    "all ns",
                    "enters",
                    "punts",
                    instructions ? "   user instr.  all instr.  machine" : "");
            rows.forEach((key, row) -> {
                if (key.table().equals(table)) {
                    System.out.println(line(key, row));
                }
            });
        }
    }

    /** What a request's metrics cost, of the cheapest request there was. */
    private void printMetrics(String instructionsOfMetrics) {
        double cost = Double.parseDouble(instructionsOfMetrics);
        double least = rows.entrySet().stream()
                .filter(row -> row.getKey().name().startsWith("ours-"))
                .mapToDouble(row -> all(row.getValue()) / NS_PER_INSTRUCTION)
                .min()
                .orElse(Double.NaN);
        System.out.printf(
                Locale.ROOT,
                "%nthe metrics of a request take %.1f instructions, of at least %.0f of ours: %.2f %%%n",
                cost,
                least,
                100 * cost / least);
    }

    private String line(Key key, Row row) {
        Row loop = rows.get(new Key(key.workload(), key.depth(), key.target(), "kernel-loop"));
        double iops = row.median("iops");
        String text = "  %-24s%9s  %-19s%8s%8s%8s%9s%9s%8s%8s"
                .formatted(
                        key.name(),
                        number(iops, 0),
                        " " + number(row.least("iops"), 0) + ".." + number(row.most("iops"), 0),
                        number(loop == null ? Double.NaN : row.times(loop, "iops"), 2),
                        number(row.median("p50us"), 0),
                        number(row.median("p99us"), 0),
                        number(userNs(row), 0),
                        number(all(row), 0),
                        number(row.median("enters"), 3),
                        number(row.median("punts"), 3));
        if (instructions) {
            text += "%14s%12s%9s"
                    .formatted(
                            number(row.median("tracedUserNs") / NS_PER_INSTRUCTION, 0),
                            number(all(row) / NS_PER_INSTRUCTION, 0),
                            number(row.median("machineNs") / NS_PER_INSTRUCTION, 0));
        }
        return text + (row.most("errors") > 0 ? "  I/O ERRORS" : "");
    }

    /** The server's time for an I/O, but for the compilers. */
    private static double all(Row row) {
        double rest = row.median(REST + "Ns");
        return row.median(QUEUE + "Ns") + (Double.isNaN(rest) ? 0 : rest);
    }

    /** Traced where that was done, else by the kernel's clock ticks. */
    private static double userNs(Row row) {
        double traced = row.median("tracedUserNs");
        double rest = row.median(REST + "UserNs");
        return Double.isNaN(traced) ? row.median(QUEUE + "UserNs") + (Double.isNaN(rest) ? 0 : rest) : traced;
    }

    private static String number(double value, int digits) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    private String json() {
        List<String> objects = new ArrayList<>();
        rows.forEach((key, row) -> {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("competitor", '"' + key.name() + '"');
            fields.put("target", '"' + key.target() + '"');
            fields.put("workload", '"' + key.workload() + '"');
            fields.put("depth", "" + key.depth());
            put(fields, "iops", row, each -> each.median("iops"));
            put(fields, "spread", row, each -> (each.most("iops") - each.least("iops")) / each.median("iops"));
            put(fields, "userNsPerIo", row, Figures::userNs);
            put(fields, "entersPerIo", row, each -> each.median("enters"));
            put(fields, "puntsPerIo", row, each -> each.median("punts"));
            put(fields, "p50Us", row, each -> each.median("p50us"));
            put(fields, "p99Us", row, each -> each.median("p99us"));
            put(fields, "serverNsPerIo", row, Figures::all);
            if (instructions) {
                put(fields, "userInstructionsPerIo", row, each -> each.median("tracedUserNs") / NS_PER_INSTRUCTION);
                put(fields, "instructionsPerIo", row, each -> all(each) / NS_PER_INSTRUCTION);
                put(fields, "compilerInstructionsPerIo", row, each -> each.median("compilerNs") / NS_PER_INSTRUCTION);
            }
            fields.put("errors", row.most("errors") > 0 ? "true" : "false");
            List<String> members = new ArrayList<>();
            fields.forEach((name, value) -> members.add('"' + name + "\": " + value));
            objects.add("  {" + String.join(", ", members) + "}");
        });
        return "[\n" + String.join(",\n", objects) + "\n]\n";
    }

    private static void put(Map<String, String> fields, String name, Row row, ToDoubleFunction<Row> figure) {
        double value = figure.applyAsDouble(row);
        fields.put(name, Double.isNaN(value) ? "null" : String.format(Locale.ROOT, "%.4g", value));
    }
}
