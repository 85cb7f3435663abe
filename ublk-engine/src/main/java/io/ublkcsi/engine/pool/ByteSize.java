package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as people write and read them: {@code 512}, {@code 10Gi}, {@code 1.5 GiB}. */
public final class ByteSize {
    private static final Pattern SHAPE = Pattern.compile("(\\d{1,18})(?:([KMGTP])i?B?)?", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "KMGTP";

    private ByteSize() {}

    /**
     * Units are powers of 1024.
     *
     * @param what the name of the value, for the message
     */
    public static long parse(String what, String text) {
        Matcher matcher = SHAPE.matcher(text.strip());
        if (!matcher.matches()) {
            throw invalid(what, text);
        }
        int power =
                matcher.group(2) == null ? 0 : UNITS.indexOf(matcher.group(2).toUpperCase(Locale.ROOT)) + 1;
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << 10 * power);
        } catch (ArithmeticException tooLarge) {
            throw invalid(what, text);
        }
    }

    private static EngineException invalid(String what, String text) {
        return new EngineException(
                Kind.INVALID_ARGUMENT,
                what + " '" + text + "' is not a number of bytes: write it like 1048576, 512Ki, 10Gi or 2Ti");
    }

    /** For people: three digits and a unit. */
    public static String print(long bytes) {
        if (Math.abs(bytes) < 1 << 10) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (Math.abs(value) >= 1 << 10 && unit < UNITS.length() - 1) {
            value /= 1 << 10;
            unit++;
        }
        String format = Math.abs(value) >= 100 ? "%.0f %siB" : "%.1f %siB";
        return String.format(Locale.ROOT, format, value, UNITS.charAt(unit));
    }
}
