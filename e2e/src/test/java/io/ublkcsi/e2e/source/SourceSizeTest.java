package io.ublkcsi.e2e.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Methods up to 50 lines, files up to 400, lines up to 120. What is longer today is listed in {@value #LIST}, which may
 * only shrink: what got shorter must be lowered there, and what fits must leave it.
 */
final class SourceSizeTest {
    private static final String LIST = "source-size-exceptions.txt";
    private static final Path PROJECT = Path.of("").toAbsolutePath().getParent();

    @Test
    void nothingIsLongerThanAllowed() throws IOException {
        SortedMap<String, Integer> found = new Sources(PROJECT).tooLong();
        SortedMap<String, Integer> listed = listed();
        List<String> complaints = new ArrayList<>();
        found.forEach((what, lines) -> {
            int allowed = listed.getOrDefault(what, 0);
            if (lines > allowed) {
                complaints.add(what + " is " + lines + " long: shorten it");
            } else if (lines < allowed) {
                complaints.add(what + " is only " + lines + " long now: lower it in " + LIST);
            }
        });
        listed.keySet().stream()
                .filter(what -> !found.containsKey(what))
                .forEach(what -> complaints.add(what + " fits now, or is gone: take it out of " + LIST));
        if (!complaints.isEmpty()) {
            fail(String.join("\n", complaints));
        }
    }

    @Test
    void aJavaMethodCountsFromItsFirstAnnotationToItsLastBrace() {
        String source = "class A {\n  @Deprecated\n  void m() {\n" + "    m();\n".repeat(48) + "  }\n}\n";
        assertThat(JavaMethods.lengths(Map.of("A.java", source)).get("A.java")).containsEntry("A.m", 51);
    }

    @Test
    void aJavaMethodOfANestedClassIsNamedAfterIt() {
        String source = "class A {\n  record B(int c) {\n    void m() {}\n  }\n}\n";
        assertThat(JavaMethods.lengths(Map.of("A.java", source)).get("A.java")).containsEntry("B.m", 1);
    }

    @Test
    void aShellFunctionEndsAtTheBraceBelowItsName() {
        List<String> lines = new ArrayList<>(List.of("one() { true; }", "long() {"));
        IntStream.range(0, 50).forEach(line -> lines.add("  { true; }"));
        lines.addAll(List.of("}", "sub() ("));
        lines.addAll(List.of("  true", ")"));
        assertThat(ShellFunctions.lengths(lines))
                .containsEntry("one", 1)
                .containsEntry("long", 52)
                .containsEntry("sub", 3);
    }

    private static SortedMap<String, Integer> listed() throws IOException {
        SortedMap<String, Integer> listed = new TreeMap<>();
        try (InputStream list = SourceSizeTest.class.getResourceAsStream("/" + LIST)) {
            assertThat(list).as(LIST).isNotNull();
            for (String line : new String(list.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                int end = line.lastIndexOf(' ');
                if (end > 0 && !line.startsWith("#")) {
                    listed.put(line.substring(0, end), Integer.parseInt(line.substring(end + 1)));
                }
            }
        }
        return listed;
    }
}
