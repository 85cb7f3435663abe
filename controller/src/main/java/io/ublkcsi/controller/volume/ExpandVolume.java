package io.ublkcsi.controller.volume;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.StoreWait;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.store.VolumeStore.Change;
import io.ublkcsi.common.time.Deadline;
import java.util.Optional;

/** Grows a volume's bytes. The device and the file system follow in NodeExpandVolume, or at the next stage. */
public final class ExpandVolume {
    private final VolumeStore store;
    private final StoreWait wait;

    public ExpandVolume(VolumeStore store, StoreWait wait) {
        this.store = store;
        this.wait = wait;
    }

    /** Which volume, and how large it is to be. */
    public record Order(String id, CapacityRange capacity) {}

    /** The volume's size afterwards, in bytes; a smaller wish leaves it as it is. */
    public long run(Order order, Deadline deadline) {
        Entry<VolumeSpec, VolumeStatus> volume = store.volume("volume_id", order.id());
        if (!volume.status().ready()) {
            throw new CsiFault.Unavailable("volume " + order.id() + " is still being made: "
                    + volume.status().reason() + "; call again");
        }
        long size = order.capacity().choose(volume.status().sizeBytes(), "its present size");
        if (size == volume.status().sizeBytes()) {
            return size;
        }
        int wish = renew(order.id(), size, volume.status());
        return judge(
                order,
                size,
                wish,
                wait.until(
                        Change.Kind.VOLUME,
                        store.volumes(),
                        order.id(),
                        status -> status.sizeBytes() >= size || status.failed(wish),
                        deadline));
    }

    /** Writes the wish down; one that failed before is made anew. Returns its generation. */
    private int renew(String id, long size, VolumeStatus status) {
        return store.volumes()
                .update(id, spec -> {
                    boolean failedBefore = spec.sizeBytes() == size && status.failed(spec.generation());
                    return failedBefore ? spec.withSize(status.sizeBytes()).withSize(size) : spec.withSize(size);
                })
                .spec()
                .generation();
    }

    private long judge(Order order, long size, int wish, Optional<Entry<VolumeSpec, VolumeStatus>> last) {
        if (last.isEmpty()) {
            throw new CsiFault.NotFound("volume " + order.id() + " was deleted meanwhile");
        }
        VolumeStatus status = last.get().status();
        if (status.sizeBytes() >= size) {
            return status.sizeBytes();
        }
        if (status.failure() != null && status.failed(wish)) {
            store.volumes().update(order.id(), spec -> spec.withSize(status.sizeBytes()));
            throw CsiFault.of(status.failure(), status.reason());
        }
        throw new CsiFault.Busy("volume " + order.id() + " is being grown on node "
                + last.get().spec().node() + ": "
                + status.lastWord());
    }
}
