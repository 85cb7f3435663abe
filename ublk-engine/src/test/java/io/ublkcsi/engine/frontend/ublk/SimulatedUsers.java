package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.frontend.SectorClaims;
import io.ublkcsi.engine.frontend.SectorModel;
import io.ublkcsi.engine.uring.SimulatedActor;

/**
 * The users of a simulated block device: send seeded random requests, and check that each ends once and with the
 * right data.
 *
 * <p>Every sector carries its number and a version; the model knows which versions of a sector a read may show: from
 * the last write that was acknowledged to the last that was sent. No two requests in flight touch a sector if one of
 * them changes it.
 */
final class SimulatedUsers implements SimulatedActor, SimulatedUblk.Upper {
    private static final int SECTOR_BYTES = 512;
    private static final int IDLE = -1;

    private final SimulatedUblk device;
    private final SeededRandom random;
    private final RequestMix mix;
    private final int depth;
    private final long count;
    private final SectorModel model;
    private final SectorClaims claims;
    private final int[] operation;
    private final int[] first;
    private final int[] sectors;
    private final boolean[] forced;
    private final long[] sentAt;
    private long sent;
    private long ended;
    private long failed;
    private int atOnce;

    /**
     * @param count requests to send; then the device is stopped
     */
    SimulatedUsers(SimulatedUblk device, long seed, RequestMix mix, int depth, SectorModel model, long count) {
        this.device = device;
        this.random = new SeededRandom(seed);
        this.mix = mix;
        this.depth = depth;
        this.count = count;
        this.model = model;
        this.claims = new SectorClaims(model.sectors());
        this.operation = new int[depth];
        this.first = new int[depth];
        this.sectors = new int[depth];
        this.forced = new boolean[depth];
        this.sentAt = new long[depth];
        this.atOnce = depth;
        java.util.Arrays.fill(operation, IDLE);
    }

    /** From now on no more than {@code requests} are under way at once: batches are for many, a chain for one. */
    void atOnce(int requests) {
        atOnce = requests;
    }

    long ended() {
        return ended;
    }

    /** Of those that ended, how many with an errno. */
    long failed() {
        return failed;
    }

    @Override
    public boolean act() {
        if (sent == count) {
            return ended == count && device.stop();
        }
        if (device.freeTags() == 0 || sent - ended >= atOnce) {
            return false;
        }
        int tag = random.below(depth);
        while (!device.isFree(tag)) {
            tag = tag + 1 < depth ? tag + 1 : 0;
        }
        return send(tag);
    }

    private boolean send(int tag) {
        int kind = mix.operation(random);
        int length = kind == IoDescriptor.OP_FLUSH ? 0 : mix.sectors(random);
        int start = length == 0 ? 0 : random.below(model.sectors() - length + 1);
        boolean changes = kind != IoDescriptor.OP_READ && length > 0;
        if (length > 0 && !claims.claim(start, start + length, changes)) {
            return false;
        }
        operation[tag] = kind;
        first[tag] = start;
        sectors[tag] = length;
        forced[tag] = kind == IoDescriptor.OP_WRITE && mix.forced(random);
        sentAt[tag] = sent++;
        if (kind == IoDescriptor.OP_WRITE) {
            model.writing(device.pages(tag), start, start + length);
        } else if (changes) {
            model.zeroing(start, start + length);
        }
        device.dispatch(tag, kind | (forced[tag] ? IoDescriptor.F_FUA : 0), length == 0 ? -1 : start, length);
        return true;
    }

    @Override
    public void completed(int tag, int result) {
        if (operation[tag] == IDLE) {
            throw new AssertionError("tag " + tag + " was completed without a request");
        }
        int kind = operation[tag];
        operation[tag] = IDLE;
        ended++;
        boolean data = kind == IoDescriptor.OP_READ || kind == IoDescriptor.OP_WRITE;
        if (result >= 0 && result != (data ? sectors[tag] * SECTOR_BYTES : 0)) {
            throw new AssertionError("a request of " + sectors[tag] + " sectors ended with " + result);
        }
        if (result < 0) {
            failed++;
        } else {
            succeeded(tag, kind);
        }
        claims.release(first[tag], first[tag] + sectors[tag], kind != IoDescriptor.OP_READ);
    }

    private void succeeded(int tag, int kind) {
        int end = first[tag] + sectors[tag];
        switch (kind) {
            case IoDescriptor.OP_READ -> model.check(device.pages(tag), first[tag], end);
            case IoDescriptor.OP_FLUSH -> model.flushed(sentAt[tag]);
            default -> model.acknowledged(first[tag], end, sent, forced[tag]);
        }
    }
}
