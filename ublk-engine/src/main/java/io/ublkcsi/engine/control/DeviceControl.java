package io.ublkcsi.engine.control;

import io.ublkcsi.engine.frontend.ForeignDevice;
import java.util.List;
import java.util.function.Supplier;

/** What can be asked of an engine's devices; see {@link Conductor}. Calls may block; any thread. */
public interface DeviceControl {
    DeviceView attach(VolumeKey volume, AttachOptions options);

    void detach(VolumeKey volume, boolean force);

    /** Answers the size in bytes. */
    long resize(VolumeKey volume);

    boolean isAttached(VolumeKey volume);

    List<DeviceView> devices();

    List<ForeignDevice> foreign();

    /** What waits for a person, a sentence each, with the command that goes on from there. */
    List<String> notices();

    /** Runs something that no attach, detach or resize of the volume overlaps with. */
    <T> T exclusively(VolumeKey volume, Supplier<T> operation);

    /** Runs something while no request reaches the volume's backend; without a device, just runs it. */
    void whileHeld(VolumeKey volume, Runnable action);
}
