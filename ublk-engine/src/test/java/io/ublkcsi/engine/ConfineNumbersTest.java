package io.ublkcsi.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the numbers in the launcher's lib/confine, a Perl script, against the kernel's headers of each machine. */
class ConfineNumbersTest {
    private static final Path CONFINE = Path.of("../deploy/src/main/dist/lib/confine");

    @ParameterizedTest
    @ValueSource(strings = {"x86_64", "aarch64"})
    void everyNumberIsAsTheHeadersSay(String machine) throws IOException {
        UapiLayout c = UapiLayout.of(machine);
        Matcher table = tableOf(machine);
        assertThat(Long.decode(table.group("audit")))
                .isEqualTo(c.valueOf("AUDIT_ARCH_" + machine.toUpperCase(Locale.ROOT)));
        assertThat(Long.decode(table.group("prctl"))).isEqualTo(c.valueOf("__NR_prctl"));
        assertThat(Long.decode(table.group("capset"))).isEqualTo(c.valueOf("__NR_capset"));
        List<Long> denied = c.namesThatStartWith("denied ").stream()
                .map(c::valueOf)
                .sorted()
                .toList();
        assertThat(numbers(table.group("denied"))).isEqualTo(denied);
    }

    private static Matcher tableOf(String machine) throws IOException {
        Matcher table = Pattern.compile(machine + " => \\{\\s*audit => (?<audit>\\w+), prctl => (?<prctl>\\d+),"
                        + " capset => (?<capset>\\d+),\\s*denied => \\[(?<denied>[^\\]]*)]")
                .matcher(Files.readString(CONFINE));
        assertThat(table.find()).as("%s has a table for %s", CONFINE, machine).isTrue();
        return table;
    }

    /** Of a Perl list such as {@code 39 .. 41, 51}. */
    private static List<Long> numbers(String list) {
        return Arrays.stream(list.strip().split("\\s*,\\s*"))
                .map(range -> range.split(" \\.\\. "))
                .flatMapToLong(range ->
                        LongStream.rangeClosed(Long.parseLong(range[0]), Long.parseLong(range[range.length - 1])))
                .boxed()
                .toList();
    }
}
