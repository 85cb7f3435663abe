package io.ublkcsi.common.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as people write them: {@code 30s}, {@code 5m}, {@code 24h}. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})([smh])");

    private Durations() {}

    /** @param option for the message */
    public static Duration parse(String option, String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(option + ": '" + text + "' is no time such as 30s, 5m or 24h");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }
}
