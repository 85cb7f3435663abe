package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.frontend.LeftDevice;
import io.ublkcsi.engine.frontend.LeftDevice.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/** The TCMU devices of ours that this engine has not made: found again by their name, with no file of our own. */
final class LeftTcmuDevices {
    private static final long POLL_NS = 2_000_000;

    private LeftTcmuDevices() {}

    static List<LeftDevice> find() {
        List<LeftDevice> found = new ArrayList<>();
        TargetTree.all(TargetTree.ROOT).forEach(tree -> found.add(describe(tree)));
        return found;
    }

    private static LeftDevice describe(TargetTree tree) {
        UioDevices.Uio uio = UioDevices.find(tree.uioName());
        ScsiDisk disk = ScsiDisk.find(tree.address());
        long bytes = disk == null ? 0 : disk.sizeBytes();
        TcmuShape shape = Objects.requireNonNullElse(TcmuShape.parse(tree.shape(), bytes), TcmuShape.UNKNOWN);
        Condition condition = uio == null || disk == null || shape.equals(TcmuShape.UNKNOWN)
                ? Condition.DEAD
                : uio.isBusy() ? Condition.SERVED : shape.failIo() ? Condition.FAILING : Condition.WAITING;
        return new LeftDevice(
                TcmuDevice.facts(uio == null ? -1 : uio.number(), disk, shape),
                shape.limits(),
                tree.token(),
                condition);
    }

    /** The tree that a device was described from. */
    static TargetTree tree(LeftDevice left) {
        return TargetTree.all(TargetTree.ROOT).stream()
                .filter(tree -> tree.token().equals(left.token()))
                .findFirst()
                .orElseThrow(() -> new EngineException(Kind.NOT_FOUND, left.path() + " is gone"));
    }

    /** The ring that serves a device has it as a fixed file: it is busy until that ring's last I/O has ended. */
    static void fence(LeftDevice left, long patienceNs) {
        UioDevices.Uio uio = UioDevices.find(tree(left).uioName());
        long endNs = System.nanoTime() + patienceNs;
        while (uio != null && uio.isBusy()) {
            if (System.nanoTime() > endNs) {
                throw new EngineException(
                        Kind.DEADLINE_EXCEEDED,
                        "the kernel has not let go of the engine that served " + left.path()
                                + ": either it lives ('fuser -v " + uio.path()
                                + "'), or the pool's disk does not end its last I/O");
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    static void discard(LeftDevice left, boolean force) {
        TargetTree tree = tree(left);
        ScsiDisk disk = ScsiDisk.find(tree.address());
        if (!force && disk != null && disk.isClaimed()) {
            throw TcmuDevice.inUse(disk.path());
        }
        tree.rescue();
        TcmuDevice.end(tree);
    }
}
