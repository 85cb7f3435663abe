package io.ublkcsi.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the C compiler says of the kernel's headers: the output of uapi-layout.c, a test resource for each machine. */
final class UapiLayout {
    private final SortedMap<String, Long> values = new TreeMap<>();

    private UapiLayout(String machine) {
        String resource = "/uapi-layout-" + machine + ".txt";
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(UapiLayout.class.getResourceAsStream(resource), StandardCharsets.UTF_8))) {
            lines.lines().filter(line -> !line.startsWith("#")).forEach(this::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String line) {
        int equals = line.lastIndexOf('=');
        values.put(line.substring(0, equals), Long.valueOf(line.substring(equals + 1)));
    }

    /** The numbers of a machine by the kernel's name: {@code x86_64} or {@code aarch64}. */
    static UapiLayout of(String machine) {
        return new UapiLayout(machine);
    }

    static UapiLayout ofThisMachine() {
        return of(System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64");
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** The value of a constant, the offset of {@code type.field}, or {@code sizeof(struct type)}. */
    long valueOf(String name) {
        Long value = values.get(name);
        if (value == null) {
            throw new AssertionError("uapi-layout.c does not print " + name);
        }
        return value;
    }

    /** The names from {@code prefix} on, as long as they begin with it. */
    Set<String> namesThatStartWith(String prefix) {
        return values.subMap(prefix, prefix + Character.MAX_VALUE).keySet();
    }
}
