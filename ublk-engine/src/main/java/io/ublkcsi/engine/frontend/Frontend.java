package io.ublkcsi.engine.frontend;

import io.ublkcsi.engine.block.Backend;
import java.util.Collection;
import java.util.List;
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
     * @throws io.ublkcsi.engine.block.EngineException with the cure
     */
    FrontendDevice start(String volume, Backend backend, DeviceOptions options);

    /**
     * Devices of this interface that other programs serve. Reads only.
     *
     * @param ours {@link DeviceFacts#id}s that are not foreign
     */
    default List<ForeignDevice> foreign(Collection<Integer> ours) {
        return List.of();
    }
}
