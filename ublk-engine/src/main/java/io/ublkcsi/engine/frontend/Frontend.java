package io.ublkcsi.engine.frontend;

import io.ublkcsi.engine.block.Backend;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One kernel interface that shows volumes as block devices. Its methods block, within deadlines; any thread. */
public interface Frontend {
    FrontendKind kind();

    /** Why this node can't have such devices, in a sentence with the way out; null: it can. Asks the kernel anew. */
    @Nullable
    String obstacle();

    /**
     * Shows a volume as a block device; answers once its node is there. When this fails, nothing of it is left but the
     * backend, which stays the caller's.
     *
     * @param volume its name, for people and for what the kernel remembers of the device
     * @param token that the kernel keeps with the device from its first moment on, so that {@link #left} finds it
     * @throws io.ublkcsi.engine.block.EngineException with the cure
     */
    FrontendDevice start(String volume, DeviceToken token, Backend backend, DeviceOptions options);

    /** Devices of this interface with a token of ours, those that this engine serves among them. Reads only. */
    List<LeftDevice> left();

    /**
     * Waits until the engine that served a device has ended altogether, so that none of its writes can land any more.
     * Only then may the device's backend be opened, and the device be adopted.
     *
     * @throws io.ublkcsi.engine.block.EngineException DEADLINE_EXCEEDED when it takes longer than {@code patienceNs}
     */
    void fence(LeftDevice left, long patienceNs);

    /**
     * Serves a device that {@link #fence} was called for: what its users are waiting for is done first. When this
     * fails, it is left as it was, and the backend stays the caller's.
     *
     * @throws io.ublkcsi.engine.block.EngineException with the cure
     */
    FrontendDevice adopt(LeftDevice left, Backend backend);

    /**
     * Ends a device that nobody serves.
     *
     * @param force although somebody has it open, or nobody can tell; his I/O fails
     * @throws io.ublkcsi.engine.block.EngineException FAILED_PRECONDITION while it is in use
     */
    void discard(LeftDevice left, boolean force);

    /**
     * Devices of this interface that other programs serve. Reads only.
     *
     * @param ours {@link DeviceFacts#id}s that are not foreign
     */
    default List<ForeignDevice> foreign(Collection<Integer> ours) {
        return List.of();
    }

    /**
     * Watches what is done to this interface's devices, by this engine and by others, until it is closed. Answers at
     * once.
     *
     * @param listener called on a thread of the watch's own, which may be held up for a moment only
     */
    default AutoCloseable watch(Consumer<DeviceChange> listener) {
        return () -> {};
    }
}
