package io.ublkcsi.node.mount;

import io.ublkcsi.common.fault.CsiFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What is mounted, read from the kernel's own table and from nothing else.
 *
 * <p>A path can have several mounts on top of each other; the last one is what one sees there.
 *
 * @param entries in the kernel's order
 */
public record MountTable(List<MountEntry> entries) {
    /** Reads {@code /proc/self/mountinfo}. Never touches a mounted file system, so it never blocks on one. */
    public static MountTable ofThisProcess() {
        return read(Path.of("/proc/self/mountinfo"));
    }

    /** Reads another table of the same format, such as another process's. */
    public static MountTable read(Path file) {
        try {
            // Not readString: paths need not be UTF-8.
            return parse(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        } catch (IOException failure) {
            throw new CsiFault.Internal("can't read " + file + ": " + failure.getMessage(), failure);
        }
    }

    /** For readers that look again and again. */
    public static Supplier<MountTable> live() {
        return MountTable::ofThisProcess;
    }

    /** Parses the format of proc(5): optional fields end with a dash of their own. */
    public static MountTable parse(String text) {
        return new MountTable(text.lines()
                .filter(line -> !line.isBlank())
                .map(MountTable::entry)
                .toList());
    }

    /** What one sees at a path; empty when nothing is mounted there. */
    public Optional<MountEntry> at(Path point) {
        return entries.reversed().stream()
                .filter(entry -> entry.point().equals(point))
                .findFirst();
    }

    public List<MountEntry> where(Predicate<MountEntry> wanted) {
        return entries.stream().filter(wanted).toList();
    }

    private static MountEntry entry(String line) {
        String[] words = line.split(" ");
        int dash = Arrays.asList(words).indexOf("-");
        if (words.length < 10 || dash < 6 || dash + 3 >= words.length) {
            throw new CsiFault.Internal("mountinfo has a line that is not of its format: " + line);
        }
        return new MountEntry(
                words[2],
                unescape(words[3]),
                Path.of(unescape(words[4])),
                options(words[5]),
                words[dash + 1],
                unescape(words[dash + 2]),
                options(words[dash + 3]));
    }

    private static Set<String> options(String text) {
        return Arrays.stream(text.split(",")).collect(Collectors.toUnmodifiableSet());
    }

    /** Space, tab, newline and backslash come as three octal digits; all else as its bytes. */
    private static String unescape(String text) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\'
                    && i + 3 < text.length()
                    && text.substring(i + 1, i + 4).matches("[0-7]{3}")) {
                bytes.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                bytes.append(c);
            }
        }
        return new String(bytes.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
