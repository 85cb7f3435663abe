package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.frontend.SectorClaims;
import io.ublkcsi.engine.frontend.SectorModel;
import io.ublkcsi.engine.uring.SimulatedActor;
import java.util.Arrays;

/** Users of a simulated virtio disk: send seeded random requests, and check that each ends once with the right data. */
final class SimulatedUsers implements SimulatedActor, SimulatedDriver.Upper {
    static final int MAX_SECTORS = 24;

    private static final int SECTOR_BYTES = Requests.SECTOR_BYTES;
    private static final int IDLE = -1;

    private final SimulatedDriver driver;
    private final SeededRandom random;
    private final SectorModel model;
    private final long count;
    private final Runnable whenDone;
    private final SectorClaims claims;
    private final int[] type;
    private final int[] first;
    private final int[] sectors;
    private final long[] sentAt;
    private long sent;
    private long ended;
    private long failed;
    private boolean done;

    /**
     * @param slots requests in flight
     * @param whenDone run once, when {@code count} requests have ended
     */
    SimulatedUsers(SimulatedDriver driver, long seed, int slots, SectorModel model, long count, Runnable whenDone) {
        this.driver = driver;
        this.random = new SeededRandom(seed);
        this.model = model;
        this.count = count;
        this.whenDone = whenDone;
        this.claims = new SectorClaims(model.sectors());
        this.type = new int[slots];
        this.first = new int[slots];
        this.sectors = new int[slots];
        this.sentAt = new long[slots];
        Arrays.fill(type, IDLE);
    }

    /** Nothing more will be sent. */
    boolean isDone() {
        return sent == count;
    }

    long ended() {
        return ended;
    }

    long failed() {
        return failed;
    }

    @Override
    public boolean act() {
        if (sent == count) {
            boolean now = ended == count && !done;
            if (now) {
                done = true;
                whenDone.run();
            }
            return now;
        }
        int from = random.below(type.length);
        for (int i = 0; i < type.length; i++) {
            int slot = (from + i) % type.length;
            if (type[slot] == IDLE) {
                return send(slot);
            }
        }
        return false;
    }

    private boolean send(int slot) {
        int draw = random.below(1000);
        int kind = draw < 20
                ? BlkRequest.T_FLUSH
                : draw < 30
                        ? BlkRequest.T_DISCARD
                        : draw < 40 ? BlkRequest.T_WRITE_ZEROES : draw < 520 ? BlkRequest.T_OUT : BlkRequest.T_IN;
        int length = kind == BlkRequest.T_FLUSH ? 0 : 1 + random.below(random.chance(50) ? MAX_SECTORS : 4);
        int start = length == 0 ? 0 : random.below(model.sectors() - length + 1);
        int[] pieces = pieces(length);
        if (!driver.hasRoom(pieces.length)
                || length > 0 && !claims.claim(start, start + length, kind != BlkRequest.T_IN)) {
            return false;
        }
        type[slot] = kind;
        first[slot] = start;
        sectors[slot] = length;
        sentAt[slot] = sent++;
        switch (kind) {
            case BlkRequest.T_FLUSH -> driver.flush(slot);
            case BlkRequest.T_OUT -> {
                model.writing(driver.data(slot), start, start + length);
                driver.transfer(slot, kind, start, pieces);
            }
            case BlkRequest.T_IN -> driver.transfer(slot, kind, start, pieces);
            default -> {
                model.zeroing(start, start + length);
                int flags = kind == BlkRequest.T_WRITE_ZEROES ? random.below(2) : 0;
                driver.range(slot, kind, start, length, flags);
            }
        }
        return true;
    }

    private int[] pieces(int length) {
        int[] pieces = new int[length];
        int used = 0;
        for (int left = length; left > 0; ) {
            int part = random.chance(300) ? left : 1 + random.below(left);
            pieces[used++] = part * SECTOR_BYTES;
            left -= part;
        }
        return Arrays.copyOf(pieces, used);
    }

    @Override
    public void completed(int slot, int status) {
        int kind = type[slot];
        if (kind == IDLE) {
            throw new AssertionError("slot " + slot + " was completed without a request");
        }
        if (status > BlkRequest.S_UNSUPP) {
            throw new AssertionError("slot " + slot + " has no status");
        }
        type[slot] = IDLE;
        ended++;
        int end = first[slot] + sectors[slot];
        if (status != BlkRequest.S_OK) {
            failed++;
        } else if (kind == BlkRequest.T_IN) {
            model.check(driver.data(slot), first[slot], end);
        } else if (kind == BlkRequest.T_FLUSH) {
            model.flushed(sentAt[slot]);
        } else {
            model.acknowledged(first[slot], end, sent, false);
        }
        claims.release(first[slot], end, kind != BlkRequest.T_IN);
    }
}
