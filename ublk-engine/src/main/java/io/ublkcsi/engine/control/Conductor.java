package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.control.journal.BootId;
import io.ublkcsi.engine.control.journal.DamagedEntry;
import io.ublkcsi.engine.control.journal.Journal;
import io.ublkcsi.engine.frontend.DataPathChoice;
import io.ublkcsi.engine.frontend.DeviceChange;
import io.ublkcsi.engine.frontend.ForeignDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.Frontends;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attaches, detaches and resizes volumes, one operation a volume at a time. Calls block for as long as the kernel and
 * the volume's own backend take, within deadlines, and hold up nobody else. Any thread.
 */
public final class Conductor implements DeviceControl {
    private static final Logger LOG = LoggerFactory.getLogger(Conductor.class);

    private final Frontends frontends;
    private final Journal journal;
    private final Attacher attacher;
    private final DeviceTable devices;
    private final VolumeGuard guard = new VolumeGuard();
    private final Takeover takeover;

    /**
     * @param holdNs how long I/O waits for a device that cannot be served before it fails; 0: for ever
     */
    public Conductor(
            Frontends frontends, VolumeSource volumes, Journal journal, Consumer<EngineEvent> events, long holdNs) {
        this.frontends = frontends;
        this.journal = journal;
        this.attacher = new Attacher(frontends, volumes, journal, BootId.current());
        this.devices = new DeviceTable(events);
        this.takeover = new Takeover(devices, guard, attacher, holdNs);
    }

    /**
     * Takes over what earlier engines have left. Once, before the first call.
     *
     * @param crashed whether the last of them has left a crash report
     * @param patienceNs how long to wait for devices that cannot be taken over at once; they go on by themselves
     */
    public void takeOver(boolean crashed, long patienceNs) {
        Journal.Content content = journal.read();
        TakeoverPlan plan = TakeoverPlan.of(content.entries(), attacher.left(), BootId.current(), journal::made);
        takeover.run(plan, content.damaged(), crashed, patienceNs);
        plan.again().forEach(entry -> Takeover.thread("again", () -> takeover.makeAgain(entry, this::attach)));
    }

    /** Leaves every device to the next engine; nothing may be asked of this one afterwards. */
    public void handOver() {
        devices.served().parallelStream().forEach(this::handOver);
    }

    private void handOver(AttachedVolume volume) {
        try {
            volume.handOver();
            devices.report("handed_over", volume.volume(), volume.path() + " waits for the next engine");
        } catch (RuntimeException failure) {
            LOG.warn("handing {} over was cut short: {}", volume.path(), failure.getMessage());
        }
    }

    /**
     * Shows a volume as a block device; answers once its node is there. Attaching what is attached with the same
     * options answers the same.
     */
    @Override
    public DeviceView attach(VolumeKey volume, AttachOptions options) {
        return guard.exclusively(volume, () -> {
            AttachedVolume present = devices.served(volume);
            LeftVolume waiting = devices.left(volume);
            if (present != null) {
                return present.repeated(options);
            }
            return waiting != null ? takeover.again(waiting, options) : start(volume, options);
        });
    }

    private DeviceView start(VolumeKey volume, AttachOptions options) {
        DamagedEntry unknown = devices.damaged(volume);
        if (unknown != null) {
            throw new EngineException(Kind.FAILED_PRECONDITION, unknown.advice());
        }
        AttachedVolume started = attacher.attach(volume, options);
        devices.serves(started);
        DataPathChoice dataPath = started.facts().dataPath();
        DeviceView view = started.view();
        devices.report(
                "attached",
                volume,
                "is " + started.path() + " by " + view.facts().kind().label() + " (" + view.frontendReason() + "), "
                        + dataPath.path().label() + ": " + dataPath.reason());
        return view;
    }

    /** Ends a volume's device. Detaching what is not attached is no fault. */
    @Override
    public void detach(VolumeKey volume, boolean force) {
        guard.exclusively(volume, () -> {
            AttachedVolume present = devices.served(volume);
            LeftVolume waiting = devices.left(volume);
            if (present != null) {
                attacher.detach(present, force);
                devices.remove(volume);
                devices.report("detached", volume, "was " + present.path());
            } else if (waiting != null) {
                attacher.discard(waiting.entry(), waiting.device(), force);
                devices.remove(volume);
                devices.report("detached", volume, "was " + waiting.device().path() + ", which nobody served");
            }
            return null;
        });
    }

    /** Brings a volume's device to the volume's present size; answers the size in bytes. */
    @Override
    public long resize(VolumeKey volume) {
        return guard.exclusively(volume, () -> {
            AttachedVolume present = devices.served(volume);
            if (present == null) {
                throw new EngineException(Kind.NOT_FOUND, "volume " + volume + " is not attached on this node");
            }
            long before = present.sizeBytes();
            long after = present.resize();
            if (after != before) {
                devices.report("resized", volume, "grew from " + before + " to " + after + " bytes");
            }
            return after;
        });
    }

    @Override
    public boolean isAttached(VolumeKey volume) {
        return devices.isKnown(volume);
    }

    /** All attached volumes, served or not, in order of their names. */
    @Override
    public List<DeviceView> devices() {
        return devices.views();
    }

    @Override
    public List<String> notices() {
        return devices.notices();
    }

    /** Devices of other programs. */
    @Override
    public List<ForeignDevice> foreign() {
        return frontends.stream()
                .flatMap(frontend -> frontend.foreign(devices.ids(frontend.kind())).stream())
                .toList();
    }

    /** Notices what others do to devices, until it is closed. */
    public AutoCloseable watchOthers() {
        List<AutoCloseable> watches = frontends.stream()
                .map(frontend -> frontend.watch(change -> noticed(frontend.kind(), change)))
                .toList();
        return () -> {
            for (AutoCloseable watch : watches) {
                watch.close();
            }
        };
    }

    private void noticed(FrontendKind kind, DeviceChange change) {
        if (change.token() == null) {
            LOG.info("{} device {} of another program {}", kind.label(), change.device(), change.what());
            return;
        }
        AttachedVolume volume = devices.served(change.token());
        boolean gone = change.kind() == DeviceChange.Kind.REMOVED;
        if (volume == null || change.kind() == DeviceChange.Kind.ADDED) {
            LOG.debug("{} device {} {}", kind.label(), change.device(), change.what());
            return;
        }
        String what = change.device() + " " + change.what() + ", and not by this engine"
                + (gone ? ": detach the volume by force, then attach it again" : "");
        if (volume.meddledWith(what, gone)) {
            devices.report(gone ? "broken" : "changed", volume.volume(), what);
        }
    }

    /**
     * Runs something that no attach, detach or resize of the volume may overlap with.
     *
     * @throws EngineException ABORTED while another operation on the volume is under way
     */
    @Override
    public <T> T exclusively(VolumeKey volume, Supplier<T> operation) {
        return guard.exclusively(volume, operation);
    }

    @Override
    public void whileHeld(VolumeKey volume, Runnable action) {
        AttachedVolume present = devices.served(volume);
        if (present == null) {
            action.run();
        } else {
            present.whileHeld(action);
        }
    }
}
