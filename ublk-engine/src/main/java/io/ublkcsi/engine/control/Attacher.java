package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.control.journal.CrashRecord;
import io.ublkcsi.engine.control.journal.DamagedEntry;
import io.ublkcsi.engine.control.journal.Journal;
import io.ublkcsi.engine.control.journal.JournalEntry;
import io.ublkcsi.engine.control.journal.Phase;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.frontend.Frontend;
import io.ublkcsi.engine.frontend.FrontendDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.Frontends;
import io.ublkcsi.engine.frontend.LeftDevice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes, takes over and ends devices; every step is in the journal before it is done. Called under the conductor's
 * guard of the volume.
 */
final class Attacher {
    private static final Logger LOG = LoggerFactory.getLogger(Attacher.class);
    /** The image's lock ends with the dead engine's rings, a moment after the device is free. */
    private static final long IMAGE_NS = TimeUnit.SECONDS.toNanos(2);

    private static final long FREED_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long IMAGE_POLL_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Frontends frontends;
    private final VolumeSource volumes;
    private final Journal journal;
    private final String bootId;

    Attacher(Frontends frontends, VolumeSource volumes, Journal journal, String bootId) {
        this.frontends = frontends;
        this.volumes = volumes;
        this.journal = journal;
        this.bootId = bootId;
    }

    AttachedVolume attach(VolumeKey volume, AttachOptions options) {
        Frontends.Choice choice = frontends.choose(options.device().frontend());
        Backend backend = volumes.open(volume, options.readOnly(), options.noDiscard());
        try {
            return attach(volume, options, choice, backend);
        } catch (RuntimeException failure) {
            backend.close();
            throw failure;
        }
    }

    private AttachedVolume attach(VolumeKey volume, AttachOptions options, Frontends.Choice choice, Backend backend) {
        Frontend frontend = choice.frontend();
        DeviceToken token = journal.newToken();
        JournalEntry entry = new JournalEntry(
                bootId,
                volume,
                Phase.ATTACHING,
                frontend.kind().label(),
                token,
                "",
                OptionsCodec.write(options),
                CrashRecord.CLEAN);
        journal.put(entry);
        FrontendDevice device;
        try {
            device = frontend.start(volume.toString(), token, backend, options.device());
        } catch (RuntimeException failure) {
            forgetUnlessThere(entry, frontend);
            throw failure;
        }
        JournalEntry attached =
                entry.with(Phase.ATTACHED).withDevice(device.facts().path());
        try {
            journal.put(attached);
        } catch (RuntimeException failure) {
            device.stop(true);
            throw failure;
        }
        return new AttachedVolume(attached, options, backend, device, choice.reason());
    }

    /** What is left of an attach that failed, if anything, is the next engine's to take away. */
    private void forgetUnlessThere(JournalEntry entry, Frontend frontend) {
        try {
            if (frontend.left().stream().noneMatch(left -> left.token().equals(entry.token()))) {
                journal.remove(entry.volume());
            }
        } catch (RuntimeException failure) {
            LOG.warn("the journal's entry of volume {} stays: {}", entry.volume(), failure.getMessage());
        }
    }

    void detach(AttachedVolume volume, boolean force) {
        synchronized (volume) {
            JournalEntry entry = volume.entry();
            journal.put(entry.with(Phase.DETACHING));
            try {
                volume.stop(force);
            } catch (RuntimeException refused) {
                journal.put(entry);
                throw refused;
            }
            if (!force) {
                awaitFreed(entry);
            }
            journal.remove(entry.volume());
        }
    }

    /**
     * Whoever asks for the volume next is to find its image unlocked: before 6.4 the kernel drops a ring's files up to
     * a second after they were taken out of it.
     */
    private void awaitFreed(JournalEntry entry) {
        try {
            openFreed(entry.volume(), OptionsCodec.read(entry.options()), FREED_NS)
                    .close();
        } catch (EngineException held) {
            LOG.info("volume {} is detached, and its image not free yet: {}", entry.volume(), held.getMessage());
        }
    }

    /** The requests that the dead engine owed are done: an engine that dies from now on did not die of them. */
    void unmark(AttachedVolume volume) {
        synchronized (volume) {
            if (!volume.isEnded()) {
                JournalEntry clean = volume.entry().with(CrashRecord.CLEAN);
                journal.put(clean);
                volume.entry(clean);
            }
        }
    }

    /** Writes down that the device is about to be taken over. */
    JournalEntry mark(JournalEntry entry, boolean alone) {
        JournalEntry marked = entry.with(entry.crashes().mark(alone));
        journal.put(marked);
        return marked;
    }

    void write(JournalEntry entry) {
        journal.put(entry);
    }

    void forget(VolumeKey volume) {
        journal.remove(volume);
    }

    /**
     * Serves a device that an earlier engine has left.
     *
     * @throws EngineException DEADLINE_EXCEEDED when that engine has not ended after {@code patienceNs}
     */
    AttachedVolume adopt(JournalEntry entry, LeftDevice left, long patienceNs) {
        Frontend frontend = frontend(left);
        long startNs = System.nanoTime();
        frontend.fence(left, patienceNs);
        long fencedNs = System.nanoTime();
        AttachOptions options = OptionsCodec.read(entry.options());
        Backend backend = openFreed(entry.volume(), options, IMAGE_NS);
        long openedNs = System.nanoTime();
        try {
            FrontendDevice device = frontend.adopt(left, backend);
            LOG.info(
                    "{} is taken over: {} us until the dead engine let go, {} us for the image, {} us for the queues",
                    left.path(),
                    (fencedNs - startNs) / 1000,
                    (openedNs - fencedNs) / 1000,
                    (System.nanoTime() - openedNs) / 1000);
            JournalEntry attached = entry.with(Phase.ATTACHED);
            if (!attached.equals(entry)) {
                journal.put(attached);
            }
            AttachedVolume volume = new AttachedVolume(attached, options, backend, device, AttachedVolume.TAKEN_OVER);
            volume.showsBytes(left.limits().sizeBytes());
            return volume;
        } catch (RuntimeException failure) {
            backend.close();
            throw failure;
        }
    }

    private Backend openFreed(VolumeKey volume, AttachOptions options, long patienceNs) {
        long deadlineNs = System.nanoTime() + patienceNs;
        while (true) {
            try {
                return volumes.open(volume, options.readOnly(), options.noDiscard());
            } catch (EngineException refused) {
                if (refused.kind() != Kind.FAILED_PRECONDITION || System.nanoTime() > deadlineNs) {
                    throw refused;
                }
            }
            LockSupport.parkNanos(IMAGE_POLL_NS);
        }
    }

    /** What is said of an entry whose device nobody could ask for; the entry stays. */
    DamagedEntry unknown(JournalEntry entry) {
        return journal.damaged(
                entry.volume(),
                "the kernel did not say whether its device " + entry.device()
                        + " is there; starting the engine again asks once more");
    }

    /** Ends a device that nobody serves, and forgets it. */
    void discard(JournalEntry entry, LeftDevice left, boolean force) {
        frontend(left).discard(left, force);
        journal.remove(entry.volume());
    }

    /** Ends a device that no entry names. */
    void discard(LeftDevice left, boolean force) {
        frontend(left).discard(left, force);
    }

    /** Every device that engines of ours have made, whatever its frontend. */
    TakeoverPlan.Found left() {
        List<LeftDevice> found = new ArrayList<>();
        Set<String> silent = new HashSet<>();
        frontends.stream().forEach(frontend -> {
            try {
                found.addAll(frontend.left());
            } catch (EngineException noAnswer) {
                LOG.warn("looking for {} devices failed: {}", frontend.kind().label(), noAnswer.getMessage());
                silent.add(frontend.kind().label());
            }
        });
        return new TakeoverPlan.Found(found, silent);
    }

    private Frontend frontend(LeftDevice left) {
        FrontendKind kind = left.facts().kind();
        return frontends.stream()
                .filter(frontend -> frontend.kind() == kind)
                .findFirst()
                .orElseThrow(() -> new EngineException(
                        Kind.UNIMPLEMENTED, "this engine has no frontend " + kind.label() + " to serve it with"));
    }
}
