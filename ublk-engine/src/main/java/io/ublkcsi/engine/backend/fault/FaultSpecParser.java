package io.ublkcsi.engine.backend.fault;

import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.sys.Errno;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Gathers the parts of a description of faults. What is wrong with one is told in the message of the exception. */
final class FaultSpecParser {
    private static final Pattern PART = Pattern.compile("([a-z-]+)(?:=([^@]*))?(?:@(.*))?");
    private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(us|ms|s)");
    private static final long MAX_DELAY_NS = TimeUnit.HOURS.toNanos(1);

    private final Set<String> seen = new HashSet<>();
    private long seed;
    private int operations = FaultSpec.ALL_OPERATIONS;
    private int errno;
    private double errorChance;
    private long delayNs;
    private double delayChance;
    private double shortChance;
    private double stuckChance;
    private double tornChance;
    private boolean lostUnlessFlushed;
    private long dieAfter;

    FaultSpec spec() {
        return new FaultSpec(
                seed,
                operations,
                errno,
                errorChance,
                delayNs,
                delayChance,
                shortChance,
                stuckChance,
                tornChance,
                lostUnlessFlushed,
                dieAfter);
    }

    void add(String part) {
        Matcher matcher = PART.matcher(part);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(part.isEmpty() ? "is empty" : "is no fault");
        }
        if (!seen.add(matcher.group(1))) {
            throw new IllegalArgumentException("is there twice");
        }
        add(matcher.group(1), matcher.group(2), matcher.group(3));
    }

    private void add(String name, String value, String chance) {
        switch (name) {
            case "seed" -> seed = number(alone(value, chance), Long.MIN_VALUE);
            case "op" -> operations = operations(alone(value, chance));
            case "error" -> {
                errno = errno(present(value));
                errorChance = chance(chance);
            }
            case "delay" -> {
                delayNs = time(present(value));
                delayChance = chance(chance);
            }
            case "short" -> shortChance = onlyChance(value, chance);
            case "stuck" -> stuckChance = onlyChance(value, chance);
            case "torn" -> tornChance = onlyChance(value, chance);
            case "lost-unless-flushed" -> lostUnlessFlushed = plain(value, chance);
            case "die-after" -> dieAfter = number(alone(value, chance), 1);
            default -> throw new IllegalArgumentException("is no fault");
        }
    }

    private static String present(@Nullable String value) {
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("lacks its value");
        }
        return value;
    }

    private static String alone(@Nullable String value, @Nullable String chance) {
        if (chance != null) {
            throw new IllegalArgumentException("takes no chance");
        }
        return present(value);
    }

    private static boolean plain(@Nullable String value, @Nullable String chance) {
        if (value != null || chance != null) {
            throw new IllegalArgumentException("takes neither value nor chance");
        }
        return true;
    }

    private static double onlyChance(@Nullable String value, @Nullable String chance) {
        if (value != null) {
            throw new IllegalArgumentException("takes a chance and no value");
        }
        return chance(chance);
    }

    private static double chance(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            throw new IllegalArgumentException("lacks its chance, such as @0.01");
        }
        try {
            double chance = Double.parseDouble(text);
            if (chance > 0 && chance <= 1) {
                return chance;
            }
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException("has the chance " + text + ", which is no number", wrong);
        }
        throw new IllegalArgumentException("has the chance " + text + ", which is not above 0 and at most 1");
    }

    private static long number(String text, long least) {
        try {
            long number = Long.parseLong(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException("wants a whole number, not " + text, wrong);
        }
        throw new IllegalArgumentException("must be at least " + least);
    }

    private static int errno(String name) {
        int errno = Errno.valueOf(name);
        if (errno == 0) {
            throw new IllegalArgumentException("names the unknown error " + name + "; EIO and ENOSPC are known ones");
        }
        return errno;
    }

    private static long time(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("wants a time such as 500us, 5ms or 2s, not " + text);
        }
        TimeUnit unit = switch (matcher.group(2)) {
            case "us" -> TimeUnit.MICROSECONDS;
            case "ms" -> TimeUnit.MILLISECONDS;
            default -> TimeUnit.SECONDS;
        };
        long delay = unit.toNanos(Long.parseLong(matcher.group(1)));
        if (delay > MAX_DELAY_NS) {
            throw new IllegalArgumentException("waits for more than an hour");
        }
        return delay;
    }

    private static int operations(String text) {
        int bits = 0;
        for (String name : text.split("\\+", -1)) {
            bits |= 1 << operation(name);
        }
        return bits;
    }

    private static int operation(String name) {
        for (int operation = 0; operation < BlockOperation.COUNT; operation++) {
            if (BlockOperation.name(operation).equals(name)) {
                return operation;
            }
        }
        throw new IllegalArgumentException("names the unknown operation \"" + name + "\"");
    }
}
