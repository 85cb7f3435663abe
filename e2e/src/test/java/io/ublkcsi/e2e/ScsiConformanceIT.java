package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.Frontend;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * libiscsi's conformance suite (Debian's package libiscsi-bin) over SG_IO: what passes by {@code scsi-conformance.txt}
 * passes, and what is skipped does not fail. What came of all is in {@code $RESULTS/scsi-conformance.txt}.
 */
class ScsiConformanceIT {
    /** Of the tests that say PASS: so many at least, or the suite has become another one. */
    private static final int PASSES = 80;

    private static final Pattern TEST = Pattern.compile("Test: (\\S+) \\.\\.\\.");

    private static List<String> lines(String text) {
        return text.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
    }

    /** Each test's name, and PASS, SKIP with the suite's reason, or FAIL with ours. */
    private static Map<String, String> expected() throws IOException {
        Map<String, String> expected = new LinkedHashMap<>();
        try (InputStream list = ScsiConformanceIT.class.getResourceAsStream("/scsi-conformance.txt")) {
            String text = new String(Objects.requireNonNull(list).readAllBytes(), StandardCharsets.UTF_8);
            lines(text).forEach(line -> {
                String[] parts = line.split(" ", 3);
                expected.put(parts[0], parts[1]);
            });
        }
        return expected;
    }

    /** Runs one of the suite's parts, such as {@code SCSI.Read10}. */
    private static Map<String, String> run(String part, String disk) {
        String output = Shell.attempt("timeout 120 iscsi-test-cu --dataloss -v -t " + part + " " + disk)
                .output();
        Map<String, String> results = new TreeMap<>();
        Matcher test = TEST.matcher(output);
        int end = 0;
        String name = null;
        while (test.find()) {
            note(results, name, output.substring(end, test.start()));
            name = part + "." + test.group(1);
            end = test.end();
        }
        note(results, name, output.substring(end));
        return results;
    }

    private static void note(Map<String, String> results, String name, String said) {
        if (name != null) {
            Matcher skipped = Pattern.compile("\\[SKIPPED\\] (.*)").matcher(said);
            String result = said.contains("FAILED") ? "FAIL" : skipped.find() ? "SKIP " + skipped.group(1) : "PASS";
            results.put(name, said.contains("FAILED") || said.contains("passed") ? result : "FAIL did not end");
        }
    }

    @Test
    void libiscsisSuiteAgrees() throws IOException {
        // Without this folder the kernel answers every registration with an error.
        Shell.run("mkdir -p /var/target/pr && modprobe sg");
        Map<String, String> results = new TreeMap<>();
        AttachOptions tcmu =
                AttachOptions.newBuilder().setFrontend(Frontend.FRONTEND_TCMU).build();
        // Small: some tests write 65536 blocks at once where there are so many, and SG_IO takes 240.
        try (TestVolume volume = TestVolume.attached(Guest.POOL, "conformance", 24 * Guest.MIB, tcmu)) {
            String name = Path.of(volume.path()).getFileName().toString();
            String disk = "/dev/" + Shell.run("ls /sys/block/" + name + "/device/scsi_generic");
            // What is for two initiators, or for a network, is not for a disk of this machine alone.
            lines(Shell.run("iscsi-test-cu -l")).stream()
                    .filter(part -> part.matches("SCSI\\.(?!Sanitize|PreventAllow|MultipathIO)[^.]+"))
                    .forEach(part -> results.putAll(run(part, disk)));
        }
        StringBuilder table = new StringBuilder();
        results.forEach(
                (test, result) -> table.append(test).append(' ').append(result).append('\n'));
        Files.writeString(Path.of(Guest.environment("RESULTS"), "scsi-conformance.txt"), table);
        assertThat(results.values().stream().filter("PASS"::equals)).hasSizeGreaterThanOrEqualTo(PASSES);
        Map<String, String> expected = expected();
        // Other versions of the suite may have more tests, and skip less.
        results.forEach((test, result) -> {
            switch (expected.getOrDefault(test, "NEW")) {
                case "PASS" -> assertThat(result).as(test).isEqualTo("PASS");
                case "SKIP" -> assertThat(result).as(test).doesNotContain("FAIL");
                default -> System.out.println(test + " " + result);
            }
        });
    }
}
