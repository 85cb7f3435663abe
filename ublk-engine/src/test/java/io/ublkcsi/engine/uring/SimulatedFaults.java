package io.ublkcsi.engine.uring;

/**
 * How unkind the simulated kernel is, in events per thousand.
 *
 * @param inline entries that end while they are submitted, as a cached read does
 * @param shortTransfer reads and writes that do only a part
 * @param ioError entries of a disk that fail with EIO
 * @param interrupted waits that a signal ends
 * @param exhausted enters that submit nothing for want of memory (EAGAIN)
 * @param partial enters that submit only some of the entries
 * @param splitChains whether such a partial submission may fall into the middle of a chain
 */
public record SimulatedFaults(
        int inline, int shortTransfer, int ioError, int interrupted, int exhausted, int partial, boolean splitChains) {

    public static final SimulatedFaults NONE = new SimulatedFaults(200, 0, 0, 0, 0, 0, false);

    /** What a healthy but busy machine does. */
    public static final SimulatedFaults USUAL = new SimulatedFaults(300, 5, 0, 2, 2, 2, false);

    /** With a disk that fails now and then. */
    public static final SimulatedFaults HARSH = new SimulatedFaults(300, 50, 10, 20, 20, 20, false);

    public SimulatedFaults splittingChains() {
        return new SimulatedFaults(inline, shortTransfer, ioError, interrupted, exhausted, partial, true);
    }
}
