package io.ublkcsi.engine.frontend;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a device of ours carries for as long as it exists, chosen before it is made: 16 bits that every device of this
 * program has, 24 bits of the state directory that its engine works with, 24 bits of its own.
 */
public record DeviceToken(long value) {
    /** No state directory's: for devices that a standby makes and ends to warm up. */
    private static final int REHEARSAL = 0;

    private static final int MAGIC = 0xb10c;
    private static final int MAGIC_SHIFT = 48;
    private static final int INSTANCE_SHIFT = 24;
    private static final int MASK = 0xffffff;
    /** Of a rehearsal's own 24 bits, which name the rehearsal. */
    private static final int REHEARSAL_SHIFT = 12;

    /** A new one of the state directory. */
    public static DeviceToken random(int instance) {
        return of(instance, ThreadLocalRandom.current().nextInt() & MASK);
    }

    /**
     * A new one of a rehearsal.
     *
     * @param rehearsal from {@link #randomRehearsal}
     */
    public static DeviceToken rehearsal(int rehearsal) {
        int number = ThreadLocalRandom.current().nextInt(1 << REHEARSAL_SHIFT);
        return of(REHEARSAL, rehearsal << REHEARSAL_SHIFT | number);
    }

    public static int randomRehearsal() {
        return ThreadLocalRandom.current().nextInt(1 << REHEARSAL_SHIFT);
    }

    public static DeviceToken of(int instance, int number) {
        return new DeviceToken((long) MAGIC << MAGIC_SHIFT | (long) instance << INSTANCE_SHIFT | number);
    }

    public static int randomInstance() {
        return ThreadLocalRandom.current().nextInt(1, MASK + 1);
    }

    /** Whether a device with this value was made by this program. */
    public boolean isOurs() {
        return value >>> MAGIC_SHIFT == MAGIC;
    }

    public boolean isRehearsal() {
        return isOurs() && instance() == REHEARSAL;
    }

    public boolean isOf(int rehearsal) {
        return isRehearsal() && (int) (value & MASK) >>> REHEARSAL_SHIFT == rehearsal;
    }

    public int instance() {
        return (int) (value >>> INSTANCE_SHIFT) & MASK;
    }

    public static DeviceToken parse(String hex) {
        return new DeviceToken(HexFormat.fromHexDigitsToLong(hex));
    }

    /** 16 hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(value);
    }
}
