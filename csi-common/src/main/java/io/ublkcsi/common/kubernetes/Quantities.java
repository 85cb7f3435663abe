package io.ublkcsi.common.kubernetes;

import java.util.List;
import java.util.Locale;

/** Sizes for people, as Kubernetes writes them. */
final class Quantities {
    private static final int STEP = 1024;
    private static final List<String> UNITS = List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");

    private Quantities() {}

    /** Such as {@code 10Gi} where it is exact, {@code 9.7Gi} where it is not. */
    static String of(long bytes) {
        int unit = 0;
        double value = bytes;
        while (value >= STEP && unit < UNITS.size() - 1) {
            value /= STEP;
            unit++;
        }
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f%s" : "%.1f%s", value, UNITS.get(unit));
    }
}
