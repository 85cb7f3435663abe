package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.frontend.DataPathChoice;
import io.ublkcsi.engine.frontend.DeviceFacts;
import io.ublkcsi.engine.frontend.ForeignDevice;
import io.ublkcsi.engine.frontend.Frontend;
import io.ublkcsi.engine.frontend.FrontendDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.Frontends;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
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
    private final VolumeSource volumes;
    private final Consumer<EngineEvent> events;
    private final Map<VolumeKey, AttachedVolume> attached = new ConcurrentSkipListMap<>();
    private final Map<VolumeKey, Boolean> busy = new ConcurrentHashMap<>();

    public Conductor(Frontends frontends, VolumeSource volumes, Consumer<EngineEvent> events) {
        this.frontends = frontends;
        this.volumes = volumes;
        this.events = events;
    }

    /**
     * Shows a volume as a block device; answers once its node is there. Attaching what is attached with the same
     * options answers the same.
     */
    @Override
    public DeviceView attach(VolumeKey volume, AttachOptions options) {
        return exclusively(volume, () -> {
            AttachedVolume present = attached.get(volume);
            return present == null ? start(volume, options) : present.repeated(options);
        });
    }

    private DeviceView start(VolumeKey volume, AttachOptions options) {
        Frontend frontend = frontends.choose(options.device().frontend());
        Backend backend = volumes.open(volume, options.readOnly(), options.noDiscard());
        try {
            FrontendDevice device = frontend.start(volume.toString(), backend, options.device());
            AttachedVolume started = new AttachedVolume(volume, options, backend, device);
            attached.put(volume, started);
            DataPathChoice dataPath = device.facts().dataPath();
            report(
                    "attached",
                    volume,
                    "is " + started.path() + " by " + dataPath.path().label() + ": " + dataPath.reason());
            return started.view();
        } catch (RuntimeException failure) {
            backend.close();
            throw failure;
        }
    }

    /** Ends a volume's device. Detaching what is not attached is no fault. */
    @Override
    public void detach(VolumeKey volume, boolean force) {
        exclusively(volume, () -> {
            AttachedVolume present = attached.get(volume);
            if (present != null) {
                present.stop(force);
                attached.remove(volume);
                report("detached", volume, "was " + present.path());
            }
            return null;
        });
    }

    /** Brings a volume's device to the volume's present size; answers the size in bytes. */
    @Override
    public long resize(VolumeKey volume) {
        return exclusively(volume, () -> {
            AttachedVolume present = attached.get(volume);
            if (present == null) {
                throw new EngineException(Kind.NOT_FOUND, "volume " + volume + " is not attached on this node");
            }
            long before = present.sizeBytes();
            long after = present.resize();
            if (after != before) {
                report("resized", volume, "grew from " + before + " to " + after + " bytes");
            }
            return after;
        });
    }

    @Override
    public boolean isAttached(VolumeKey volume) {
        return attached.containsKey(volume);
    }

    /** All attached volumes, in order of their names. */
    @Override
    public List<DeviceView> devices() {
        return attached.values().stream().map(AttachedVolume::view).toList();
    }

    /** Devices of other programs. */
    @Override
    public List<ForeignDevice> foreign() {
        return frontends.stream()
                .flatMap(frontend -> frontend.foreign(ids(frontend.kind())).stream())
                .toList();
    }

    private List<Integer> ids(FrontendKind kind) {
        return attached.values().stream()
                .map(AttachedVolume::facts)
                .filter(facts -> facts.kind() == kind)
                .map(DeviceFacts::id)
                .toList();
    }

    /**
     * Runs something that no attach, detach or resize of the volume may overlap with.
     *
     * @throws EngineException ABORTED while another operation on the volume is under way
     */
    @Override
    public <T> T exclusively(VolumeKey volume, Supplier<T> operation) {
        if (busy.putIfAbsent(volume, true) != null) {
            throw new EngineException(
                    Kind.ABORTED,
                    "another operation on volume " + volume + " is under way: try again when it has ended");
        }
        try {
            return operation.get();
        } finally {
            busy.remove(volume);
        }
    }

    @Override
    public void whileHeld(VolumeKey volume, Runnable action) {
        AttachedVolume present = attached.get(volume);
        if (present == null) {
            action.run();
        } else {
            present.whileHeld(action);
        }
    }

    private void report(String kind, VolumeKey volume, String message) {
        LOG.info("volume {} {}: {}", volume, kind, message);
        events.accept(EngineEvent.now(kind, volume, message));
    }
}
