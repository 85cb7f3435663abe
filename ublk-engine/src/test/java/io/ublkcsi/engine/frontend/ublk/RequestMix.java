package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.SeededRandom;

/**
 * What the users of a simulated block device send.
 *
 * @param writes in a thousand requests; reads are what is left
 * @param flushes in a thousand
 * @param discards in a thousand, and as many zeroings
 * @param forced in a thousand writes that are FUA
 * @param maxSectors of most requests
 * @param largeSectors of one in a thousand
 */
record RequestMix(int writes, int flushes, int discards, int forced, int maxSectors, int largeSectors) {
    static final RequestMix USUAL = new RequestMix(450, 5, 5, 20, 4, 64);

    /** Much that must be durable. */
    static final RequestMix CAREFUL = new RequestMix(500, 50, 20, 200, 8, 64);

    int operation(SeededRandom random) {
        int draw = random.below(1000);
        if (draw < flushes) {
            return IoDescriptor.OP_FLUSH;
        }
        if (draw < flushes + discards) {
            return IoDescriptor.OP_DISCARD;
        }
        if (draw < flushes + 2 * discards) {
            return IoDescriptor.OP_WRITE_ZEROES;
        }
        return draw < flushes + 2 * discards + writes ? IoDescriptor.OP_WRITE : IoDescriptor.OP_READ;
    }

    int sectors(SeededRandom random) {
        return 1 + random.below(random.chance(1) ? largeSectors : maxSectors);
    }

    boolean forced(SeededRandom random) {
        return random.chance(forced);
    }
}
