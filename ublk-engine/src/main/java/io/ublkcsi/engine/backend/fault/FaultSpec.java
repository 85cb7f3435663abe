package io.ublkcsi.engine.backend.fault;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;

/**
 * What goes wrong with a volume, and how often; read from a line of text by {@link #parse}. The same seed and the
 * same requests give the same faults. Chances are 0 to 1, 0 for a fault that was not named.
 *
 * @param operations bits {@code 1 << BlockOperation}: the requests that error, delay and stuck are for
 * @param errno positive: what a failing request answers
 * @param delayNs how long a delayed request waits before the volume hears of it
 * @param shortChance of a read or write that does only a part, and says so
 * @param stuckChance of a request that never ends
 * @param tornChance of a write of which only the first part reaches the volume; it answers EIO
 * @param lostUnlessFlushed writes stay in memory until a flush, and are gone with the process
 * @param dieAfter the process crashes, as of a fault in native code, at the request of that number; 0: never
 */
public record FaultSpec(
        long seed,
        int operations,
        int errno,
        double errorChance,
        long delayNs,
        double delayChance,
        double shortChance,
        double stuckChance,
        double tornChance,
        boolean lostUnlessFlushed,
        long dieAfter) {

    static final int ALL_OPERATIONS = -1;

    /** A volume that works. */
    public static final FaultSpec NONE = new FaultSpec(0, ALL_OPERATIONS, 0, 0, 0, 0, 0, 0, 0, false, 0);

    /** One line that says how faults are written. */
    public static final String SYNTAX = "seed=N, op=read+write+flush+discard+write_zeroes, error=ERRNO@CHANCE,"
            + " delay=TIME@CHANCE, short@CHANCE, stuck@CHANCE, torn@CHANCE, lost-unless-flushed, die-after=REQUESTS;"
            + " separated by commas, a chance is above 0 and at most 1, a time such as 5ms";

    /**
     * Reads a description such as {@code seed=7,error=EIO@0.01,op=write,delay=5ms@0.1}.
     *
     * @throws EngineException INVALID_ARGUMENT that names the part which is wrong
     */
    public static FaultSpec parse(String text) {
        FaultSpecParser parser = new FaultSpecParser();
        for (String part : text.split(",", -1)) {
            try {
                parser.add(part.strip());
            } catch (IllegalArgumentException wrong) {
                throw new EngineException(
                        Kind.INVALID_ARGUMENT,
                        "fault \"" + part.strip() + "\": " + wrong.getMessage() + ". Faults are " + SYNTAX,
                        wrong);
            }
        }
        return parser.spec();
    }

    boolean concerns(int operation) {
        return (operations & 1 << operation) != 0;
    }
}
