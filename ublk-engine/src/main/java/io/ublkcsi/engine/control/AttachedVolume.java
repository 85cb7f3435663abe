package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.control.journal.JournalEntry;
import io.ublkcsi.engine.frontend.DeviceFacts;
import io.ublkcsi.engine.frontend.FrontendDevice;
import io.ublkcsi.engine.frontend.FrontendKind;

/** A volume and the device that shows it. Changed under the conductor's guard of the volume; read by anybody. */
final class AttachedVolume {
    /** Why a device that was taken over has the frontend that it has. */
    static final String TAKEN_OVER = "it was made with it";

    private volatile JournalEntry entry;
    private final VolumeKey volume;
    private final AttachOptions options;
    private final Backend backend;
    private final FrontendDevice device;
    private final String frontendReason;
    private volatile DeviceState state = DeviceState.LIVE;
    private volatile String reason = "";
    private volatile boolean ended;
    /** What users see: behind the image's size until a resize. */
    private volatile long shownBytes;

    /**
     * @param entry of the journal, as it stands while the device serves
     * @param frontendReason why it is that frontend, for people
     */
    AttachedVolume(
            JournalEntry entry, AttachOptions options, Backend backend, FrontendDevice device, String frontendReason) {
        this.entry = entry;
        this.volume = entry.volume();
        this.options = options;
        this.backend = backend;
        this.device = device;
        this.frontendReason = frontendReason;
        this.shownBytes = backend.limits().sizeBytes();
        device.onFailure(this::broke);
    }

    private void broke(Throwable failure) {
        state = DeviceState.BROKEN;
        boolean known = failure instanceof EngineException;
        reason = (known ? "" : "a queue ended by a fault of the engine: ") + failure.getMessage();
    }

    /**
     * Takes note of what somebody else did to the device in the kernel; false when it was us.
     *
     * @param gone it is no device any more
     */
    boolean meddledWith(String what, boolean gone) {
        if (ended || state == DeviceState.STOPPING) {
            return false;
        }
        reason = what;
        if (gone) {
            state = DeviceState.BROKEN;
        }
        return true;
    }

    /** Changed by the {@link Attacher} only, which holds this volume's monitor meanwhile. */
    JournalEntry entry() {
        return entry;
    }

    void entry(JournalEntry written) {
        entry = written;
    }

    boolean isEnded() {
        return ended;
    }

    VolumeKey volume() {
        return volume;
    }

    DeviceFacts facts() {
        return device.facts();
    }

    String path() {
        return facts().path();
    }

    long sizeBytes() {
        return shownBytes;
    }

    /** Of a device that was taken over: the image may have grown since its size was shown. */
    void showsBytes(long bytes) {
        shownBytes = bytes;
    }

    /** Stops serving; the device is the next engine's. */
    void handOver() {
        synchronized (this) {
            ended = true; // the journal is the next engine's too
        }
        device.handOver();
    }

    /** The answer to an attach of what is attached already. */
    DeviceView repeated(AttachOptions asked) {
        FrontendKind kind = facts().kind();
        if (!asked.on(kind).equals(options.on(kind))) {
            throw otherOptions(volume, path());
        }
        if (state == DeviceState.BROKEN) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    path() + " is broken (" + reason + "): detach it by force, then attach it again");
        }
        return view();
    }

    static EngineException otherOptions(VolumeKey volume, String path) {
        return new EngineException(
                Kind.ALREADY_EXISTS,
                "volume " + volume + " is attached as " + path + " with other options: detach it first");
    }

    void stop(boolean force) {
        DeviceState before = state;
        state = DeviceState.STOPPING;
        if (force) {
            backend.giveUp();
        }
        try {
            device.stop(force || before == DeviceState.BROKEN);
        } catch (EngineException refused) {
            state = before;
            throw refused;
        }
        ended = true;
        backend.close();
    }

    /** Brings the device to the image's size; where the kernel can't, both stay as they are, and users are told. */
    long resize() {
        backend.refresh();
        long bytes = backend.limits().sizeBytes();
        if (device.sizeBytes() != bytes) {
            device.resize();
        }
        shownBytes = bytes;
        return bytes;
    }

    /** Runs something while no request reaches the backend; what arrives meanwhile waits. */
    void whileHeld(Runnable action) {
        device.hold();
        try {
            action.run();
        } finally {
            device.resume();
        }
    }

    DeviceView view() {
        return new DeviceView(
                volume,
                options,
                state,
                facts(),
                frontendReason,
                backend.limits().withSize(shownBytes),
                reason,
                device.metrics());
    }
}
