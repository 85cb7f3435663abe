package io.ublkcsi.e2e.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The Java files and shell scripts of the project, measured. */
final class Sources extends SimpleFileVisitor<Path> {
    static final int MAX_FILE_LINES = 400;
    static final int MAX_METHOD_LINES = 50;
    static final int MAX_LINE_CHARACTERS = 120;

    private static final long MAX_SOURCE_BYTES = 1 << 20;
    private static final Pattern SHEBANG = Pattern.compile("#!.*\\b(ba)?sh\\b.*");

    private final Path project;
    private final SortedMap<String, String> java = new TreeMap<>();
    private final SortedMap<String, Integer> tooLong = new TreeMap<>();

    Sources(Path project) {
        this.project = project;
    }

    /** What is longer than allowed, as "file PATH", "line PATH" or "method PATH NAME", and how long it is. */
    SortedMap<String, Integer> tooLong() throws IOException {
        Files.walkFileTree(project, this);
        Map<String, Map<String, Integer>> methods = JavaMethods.lengths(java);
        java.forEach((path, source) -> measure(path, source.lines().toList(), methods.getOrDefault(path, Map.of())));
        return tooLong;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
        String name = directory.getFileName().toString();
        boolean ours = directory.equals(project) || !name.startsWith(".") && !name.equals("target");
        return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        if (!attributes.isRegularFile() || attributes.size() > MAX_SOURCE_BYTES) {
            return FileVisitResult.CONTINUE;
        }
        String path = project.relativize(file).toString();
        if (path.endsWith(".java")) {
            java.put(path, Files.readString(file));
        } else if (isShell(file)) {
            List<String> lines = Files.readAllLines(file);
            measure(path, lines, ShellFunctions.lengths(lines));
        }
        return FileVisitResult.CONTINUE;
    }

    private static boolean isShell(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String start = new String(in.readNBytes(64), StandardCharsets.ISO_8859_1);
            return start.lines().limit(1).anyMatch(line -> SHEBANG.matcher(line).matches());
        }
    }

    private void measure(String path, List<String> lines, Map<String, Integer> methods) {
        note("file " + path, lines.size(), MAX_FILE_LINES);
        int longest = lines.stream().mapToInt(String::length).max().orElse(0);
        note("line " + path, longest, MAX_LINE_CHARACTERS);
        methods.forEach((method, length) -> note("method " + path + " " + method, length, MAX_METHOD_LINES));
    }

    private void note(String what, int length, int allowed) {
        if (length > allowed) {
            tooLong.put(what, length);
        }
    }
}
