package io.ublkcsi.e2e.source;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of a shell script's functions, by their indentation: one ends at the brace below its name. */
final class ShellFunctions {
    private static final Pattern START = Pattern.compile("(\\s*)(?:function )?([\\w-]+)\\s*\\(\\)\\s*([({])(.*)");

    private ShellFunctions() {}

    static Map<String, Integer> lengths(List<String> lines) {
        Map<String, Integer> lengths = new TreeMap<>();
        for (int first = 0; first < lines.size(); first++) {
            Matcher start = START.matcher(lines.get(first));
            if (start.matches()) {
                String brace = start.group(3).equals("{") ? "}" : ")";
                boolean oneLine = start.group(4).stripTrailing().endsWith(brace);
                int last = oneLine ? first : end(lines, first, start.group(1) + brace);
                lengths.merge(start.group(2), last - first + 1, Math::max);
            }
        }
        return lengths;
    }

    private static int end(List<String> lines, int first, String end) {
        for (int line = first + 1; line < lines.size(); line++) {
            if (lines.get(line).startsWith(end)) {
                return line;
            }
        }
        return lines.size() - 1;
    }
}
