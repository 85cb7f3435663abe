package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.control.TakeoverPlan.Left;
import io.ublkcsi.engine.control.journal.CrashRecord;
import io.ublkcsi.engine.control.journal.DamagedEntry;
import io.ublkcsi.engine.control.journal.JournalEntry;
import io.ublkcsi.engine.control.journal.Phase;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.LeftDevice;
import io.ublkcsi.engine.frontend.LeftDevice.Condition;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over what earlier engines have left, once, when an engine starts: every device on a thread of its own, so that
 * one whose pool hangs holds up no other. Devices that engines may have died of come last, one at a time.
 */
final class Takeover {
    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);
    /** How long one try waits for the dead engine's last I/O. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);
    /** After so many tries that failed a device is left alone; waiting for the dead engine's I/O counts as one. */
    private static final int TRIES = 60;

    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_PAUSE_NS = TimeUnit.SECONDS.toNanos(5);
    /** How long devices that engines may have died of wait for the others. */
    private static final long OTHERS_NS = TimeUnit.SECONDS.toNanos(10);
    /** And how long all must have been quiet, where the deaths left no report. */
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(2);

    private final DeviceTable devices;
    private final VolumeGuard guard;
    private final Attacher attacher;
    private final long holdNs;
    private final long beganNs = System.nanoTime();

    /**
     * @param holdNs how long I/O waits for a device that cannot be served before it fails; 0: for ever
     */
    Takeover(DeviceTable devices, VolumeGuard guard, Attacher attacher, long holdNs) {
        this.devices = devices;
        this.guard = guard;
        this.attacher = attacher;
        this.holdNs = holdNs;
    }

    /**
     * Begins with everything; answers when every device has been tried once, or after {@code patienceNs}.
     *
     * @param crashed whether the last engine has left a crash report
     */
    void run(TakeoverPlan plan, List<DamagedEntry> damaged, boolean crashed, long patienceNs) {
        damaged.forEach(this::report);
        List<Left> mine = plan.adopt().stream()
                .map(left -> new Left(left.entry().with(left.entry().crashes().afterDeath(crashed)), left.device()))
                .toList();
        List<Left> sound = mine.stream().filter(left -> !isSuspect(left)).toList();
        List<Left> suspects = mine.stream()
                .filter(Takeover::isSuspect)
                .sorted(Comparator.comparing(left -> left.entry().crashes().crashes()
                        + left.entry().crashes().deaths()))
                .toList();
        CountDownLatch tried = new CountDownLatch(sound.size());
        CountDownLatch quiet = new CountDownLatch(sound.size());
        mine.forEach(
                left -> devices.leaves(LeftVolume.waiting(left.entry(), left.device(), "an engine is taking it over")));
        for (Left left : sound) {
            thread("takeover-" + left.device().facts().id(), () -> {
                try {
                    takeOver(left, tried);
                } finally {
                    tried.countDown();
                    quiet.countDown();
                }
            });
        }
        if (!suspects.isEmpty()) {
            thread("takeover-suspects", () -> takeOverOneByOne(suspects, quiet));
        }
        await(tried, patienceNs);
        plan.discard().forEach(this::discard);
        plan.forget().forEach(this::forget);
        plan.unknown().stream().map(attacher::unknown).forEach(this::report);
        plan.unexplained().forEach(this::unexplained);
    }

    private static boolean isSuspect(Left left) {
        return left.entry().crashes().isSuspect();
    }

    private void takeOverOneByOne(List<Left> suspects, CountDownLatch others) {
        await(others, OTHERS_NS);
        for (Left left : suspects) {
            if (left.entry().crashes().isIsolated()) {
                attempt("writing the isolation down", () -> attacher.write(left.entry()));
                isolate(left);
                continue;
            }
            if (left.entry().crashes().crashes() == 0) {
                LockSupport.parkNanos(QUIET_NS);
            }
            if (take(left, true, false)) {
                awaitDebt(left.entry().volume());
            } else {
                thread("takeover-" + left.device().facts().id(), () -> takeOver(left, new CountDownLatch(1)));
            }
        }
    }

    /** Tries until the device is served; the latch goes down after the first try. */
    private void takeOver(Left left, CountDownLatch tried) {
        for (int tries = 1; !take(left, false, tries == TRIES); tries++) {
            tried.countDown();
            if (tries == TRIES || isOverdue(left)) {
                return;
            }
            LockSupport.parkNanos(Math.min(LONGEST_PAUSE_NS, PAUSE_NS << Math.min(tries, 16)));
        }
        tried.countDown();
        awaitDebt(left.entry().volume());
    }

    /** Fails the I/O of a device that was held for as long as anybody wants it to be. */
    private boolean isOverdue(Left left) {
        VolumeKey volume = left.entry().volume();
        if (holdNs == 0 || System.nanoTime() - beganNs < holdNs || devices.left(volume) == null) {
            return false;
        }
        attempt("ending " + left.device().path(), () -> {
            attacher.discard(left.entry(), left.device(), true);
            devices.remove(volume);
            devices.report(
                    "hold_ended",
                    volume,
                    left.device().path() + " was not served within the hold time (--hold-time): its I/O has failed");
        });
        return devices.left(volume) == null;
    }

    /** One try; true when there is nothing left to do. */
    private boolean take(Left left, boolean alone, boolean last) {
        VolumeKey volume = left.entry().volume();
        try {
            return guard.exclusively(volume, () -> {
                if (devices.left(volume) != null) {
                    JournalEntry marked = attacher.mark(left.entry(), alone);
                    recovered(attacher.adopt(marked, left.device(), PATIENCE_NS));
                }
                return true;
            });
        } catch (EngineException refused) {
            if (refused.kind() != Kind.ABORTED) {
                attempt("taking the mark off volume " + volume, () -> attacher.write(left.entry()));
                held(left, refused.getMessage(), last);
            }
            return false;
        } catch (RuntimeException fault) {
            LOG.error("taking over {} of volume {} failed", left.device().path(), volume, fault);
            held(left, "a fault of the engine: " + fault.getMessage(), last);
            return false;
        }
    }

    private void discard(Left left) {
        String what = left.entry().phase() == Phase.ATTACHED ? "was dead" : "was only half made";
        attempt("taking " + left.device().path() + " away, which " + what, () -> {
            attacher.discard(left.entry(), left.device(), true);
            devices.report(
                    "discarded",
                    left.entry().volume(),
                    "its device " + left.device().path() + " " + what);
        });
    }

    private void forget(JournalEntry entry) {
        attempt("forgetting volume " + entry.volume(), () -> {
            attacher.forget(entry.volume());
            if (entry.phase() == Phase.ATTACHED) {
                devices.report(
                        "lost",
                        entry.volume(),
                        "its device " + entry.device() + " is gone: somebody else has deleted it. Attach it again");
            }
        });
    }

    /** Makes a device that a reboot has ended. */
    void makeAgain(JournalEntry entry, BiConsumer<VolumeKey, AttachOptions> attach) {
        attempt("making the device of volume " + entry.volume() + " again", () -> {
            attacher.forget(entry.volume());
            attach.accept(entry.volume(), OptionsCodec.read(entry.options()));
        });
    }

    /** Tries once more to serve a device that was left alone, because somebody asks for it; under its guard. */
    DeviceView again(LeftVolume waiting, AttachOptions options) {
        FrontendKind kind = waiting.device().facts().kind();
        AttachOptions before = OptionsCodec.read(waiting.entry().options());
        if (!options.on(kind).equals(before.on(kind))) {
            throw AttachedVolume.otherOptions(
                    waiting.entry().volume(), waiting.device().path());
        }
        JournalEntry marked = attacher.mark(waiting.entry().with(CrashRecord.CLEAN), true);
        AttachedVolume adopted = attacher.adopt(marked, waiting.device(), PATIENCE_NS);
        recovered(adopted);
        attacher.unmark(adopted);
        return adopted.view();
    }

    private void recovered(AttachedVolume volume) {
        devices.serves(volume);
        devices.report("recovered", volume.volume(), volume.path() + " is served again, and none of its I/O was lost");
    }

    /** Waits until a recovered device has done what the dead engine owed, and takes its mark away. */
    private void awaitDebt(VolumeKey volume) {
        AttachedVolume recovered = devices.served(volume);
        if (recovered != null) {
            new DebtWatch(recovered.path()).await();
            attempt("taking the mark off volume " + volume, () -> attacher.unmark(recovered));
        }
    }

    /** The device cannot be served now. */
    private void held(Left left, String why, boolean forGood) {
        VolumeKey volume = left.entry().volume();
        String reason = why;
        if (forGood) {
            reason += ". 'ublk-csi attach " + volume + "' tries again, 'ublk-csi detach --force " + volume
                    + "' fails its I/O";
        }
        LeftVolume before = devices.left(volume);
        devices.leaves(LeftVolume.waiting(left.entry(), left.device(), reason));
        if (before == null || !before.reason().equals(reason)) {
            devices.report("held", volume, left.device().path() + " is not served: " + reason);
        }
    }

    /** The device is left alone, because engines died on it. */
    private void isolate(Left left) {
        LeftVolume isolated = LeftVolume.isolated(left.entry(), left.device());
        devices.leaves(isolated);
        devices.report("isolated", left.entry().volume(), left.device().path() + ": " + isolated.reason());
        if (holdNs > 0) {
            thread("hold-" + left.device().facts().id(), () -> {
                while (isolated.equals(devices.left(left.entry().volume())) && !isOverdue(left)) {
                    LockSupport.parkNanos(LONGEST_PAUSE_NS);
                }
            });
        }
    }

    private void report(DamagedEntry entry) {
        devices.add(entry);
        devices.report("damaged", entry.volume(), entry.advice());
    }

    /** A device that engines of this state directory have made, and that no entry names. */
    private void unexplained(LeftDevice device) {
        boolean rehearsal = device.token().isRehearsal();
        if (rehearsal && device.condition() == Condition.SERVED) {
            return;
        }
        if (rehearsal || !devices.hasDamaged()) {
            try {
                attacher.discard(device, rehearsal);
                LOG.warn("{} had no entry in the journal and no user: it was taken away", device.path());
                return;
            } catch (RuntimeException refused) {
                LOG.debug("{} stays", device.path(), refused);
            }
        }
        devices.add(device);
        LOG.warn("{}", DeviceTable.advice(device));
    }

    private static void attempt(String what, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException failure) {
            LOG.warn("{} failed: {}", what, failure.getMessage());
        }
    }

    private static void await(CountDownLatch latch, long patienceNs) {
        try {
            if (!latch.await(patienceNs, TimeUnit.NANOSECONDS)) {
                LOG.info("{} devices are not taken over yet", latch.getCount());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    static void thread(String name, Runnable work) {
        Thread.ofPlatform().name(name).daemon().start(work);
    }
}
