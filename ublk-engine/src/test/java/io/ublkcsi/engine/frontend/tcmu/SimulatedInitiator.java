package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.frontend.SectorClaims;
import io.ublkcsi.engine.frontend.SectorModel;
import io.ublkcsi.engine.uring.Absolute;
import io.ublkcsi.engine.uring.SimulatedActor;
import java.util.Arrays;

/**
 * The users of a simulated SCSI disk: send seeded random commands, and check that each ends once, with the right status
 * and the right data. Every sector carries its number and a version. No two commands under way touch a sector if one of
 * them changes it.
 */
final class SimulatedInitiator implements SimulatedActor, SimulatedTarget.Initiator {
    private static final int SECTOR_BYTES = 512;
    private static final int COMMANDS = 256;

    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int FLUSH = 2;
    private static final int UNMAP = 3;
    private static final int ZERO = 4;
    private static final int INQUIRY = 5;
    private static final int NONSENSE = 6;

    private final SimulatedTarget target;
    private final SeededRandom random;
    private final SectorModel model;
    private final long count;
    private final int maxSectors;
    private final SectorClaims claims;
    private final int[] kind = new int[COMMANDS];
    private final int[] first = new int[COMMANDS];
    private final int[] sectors = new int[COMMANDS];
    private final boolean[] forced = new boolean[COMMANDS];
    private final boolean[] open = new boolean[COMMANDS];
    private final long[] sentAt = new long[COMMANDS];
    private final byte[] cdb = new byte[Cdb.MAX_BYTES];
    private final byte[] shortCdb = new byte[10];
    private long sent;
    private long ended;
    private long failed;
    private boolean removed;

    SimulatedInitiator(SimulatedTarget target, long seed, SectorModel model, int maxSectors, long count) {
        this.target = target;
        this.random = new SeededRandom(seed);
        this.model = model;
        this.count = count;
        this.maxSectors = maxSectors;
        this.claims = new SectorClaims(model.sectors());
    }

    long ended() {
        return ended;
    }

    /** Of those that ended, how many with an error. */
    long failed() {
        return failed;
    }

    @Override
    public boolean act() {
        if (sent == count) {
            if (ended == count && !removed) {
                removed = target.remove();
                return removed;
            }
            return false;
        }
        return send(choose());
    }

    private int choose() {
        int draw = random.below(1000);
        if (draw < 450) {
            return WRITE;
        }
        if (draw < 900) {
            return READ;
        }
        return draw < 950 ? FLUSH : FLUSH + 1 + random.below(4);
    }

    private boolean send(int what) {
        boolean moves = what == READ || what == WRITE || what == UNMAP || what == ZERO;
        int length = moves ? 1 + random.below(random.chance(100) ? maxSectors : 8) : 0;
        int start = moves ? random.below(model.sectors() - length + 1) : 0;
        boolean changes = moves && what != READ;
        int dataBytes = dataBytes(what, length);
        if (!claims.claim(start, start + length, changes)) {
            return false;
        }
        int command = target.allocate(dataBytes);
        if (command < 0) {
            claims.release(start, start + length, changes);
            return false;
        }
        kind[command] = what;
        first[command] = start;
        sectors[command] = length;
        forced[command] = what == WRITE && random.chance(100);
        open[command] = true;
        sentAt[command] = sent++;
        fill(command);
        target.send(command, encode(command), dataBytes);
        return true;
    }

    private static int dataBytes(int what, int length) {
        return switch (what) {
            case READ, WRITE -> length * SECTOR_BYTES;
            case UNMAP -> 24;
            case ZERO -> SECTOR_BYTES;
            case INQUIRY -> 255;
            default -> 0;
        };
    }

    private void fill(int command) {
        int start = first[command];
        switch (kind[command]) {
            case WRITE -> {
                for (int i = 0; i < sectors[command]; i++) {
                    model.writing(target.dataAddress(command, i * SECTOR_BYTES), start + i, start + i + 1);
                }
            }
            case UNMAP -> {
                model.zeroing(start, start + sectors[command]);
                long at = target.dataAddress(command, 0);
                Absolute.setLong(at, Long.reverseBytes(0x0016_0010_0000_0000L));
                Absolute.setLong(at + 8, Long.reverseBytes(start));
                Absolute.setLong(at + 16, Long.reverseBytes((long) sectors[command] << 32));
            }
            case ZERO -> {
                model.zeroing(start, start + sectors[command]);
                Absolute.zero(target.dataAddress(command, 0), SECTOR_BYTES);
            }
            default -> {}
        }
    }

    private byte[] encode(int command) {
        Arrays.fill(cdb, (byte) 0);
        Arrays.fill(shortCdb, (byte) 0);
        switch (kind[command]) {
            case READ -> transfer(Opcode.READ_16, command);
            case WRITE -> transfer(Opcode.WRITE_16, command);
            case ZERO -> transfer(Opcode.WRITE_SAME_16, command);
            case FLUSH -> cdb[0] = (byte) Opcode.SYNCHRONIZE_CACHE_16;
            case UNMAP -> {
                shortCdb[0] = Opcode.UNMAP;
                shortCdb[8] = 24;
                return shortCdb;
            }
            case INQUIRY -> {
                shortCdb[0] = Opcode.INQUIRY;
                shortCdb[4] = (byte) 255;
                return shortCdb;
            }
            default -> cdb[0] = (byte) 0x8b;
        }
        return cdb;
    }

    private void transfer(int opcode, int command) {
        cdb[0] = (byte) opcode;
        cdb[1] = (byte) (forced[command] ? 8 : 0);
        for (int i = 0; i < 4; i++) {
            cdb[6 + i] = (byte) (first[command] >>> (24 - 8 * i));
            cdb[10 + i] = (byte) (sectors[command] >>> (24 - 8 * i));
        }
    }

    @Override
    public void completed(int command, int status, int readBytes, int sense) {
        if (!open[command]) {
            throw new AssertionError("command " + command + " ended twice");
        }
        open[command] = false;
        ended++;
        int what = kind[command];
        if (what == NONSENSE) {
            check(status == StatusMapping.CHECK_CONDITION && sense == Sense.INVALID_OPERATION_CODE, command, sense);
        } else if (status != StatusMapping.GOOD) {
            failed++;
            check(sense >>> 16 == 3, command, sense);
        } else {
            succeeded(command, what, readBytes);
        }
        boolean changes = what != READ;
        claims.release(first[command], first[command] + sectors[command], changes);
    }

    private void succeeded(int command, int what, int readBytes) {
        int end = first[command] + sectors[command];
        switch (what) {
            case READ -> {
                check(readBytes == sectors[command] * SECTOR_BYTES, command, readBytes);
                for (int i = 0; i < sectors[command]; i++) {
                    int sector = first[command] + i;
                    model.check(target.dataAddress(command, i * SECTOR_BYTES), sector, sector + 1);
                }
            }
            case FLUSH -> model.flushed(sentAt[command]);
            case INQUIRY -> check(readBytes == 74, command, readBytes);
            default -> model.acknowledged(first[command], end, sent, forced[command]);
        }
    }

    private void check(boolean holds, int command, int found) {
        if (!holds) {
            throw new AssertionError(
                    "command " + command + " of kind " + kind[command] + " ended with " + Integer.toHexString(found));
        }
    }
}
