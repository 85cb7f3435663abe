package io.ublkcsi.common.store;

import io.ublkcsi.common.fault.CsiFault;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where controller and node plugins meet: wishes on one side, their fulfilment on the other.
 *
 * <p>Files on one machine ({@link FileVolumeStore}); custom resources in a cluster. Neither plugin can tell which.
 */
public interface VolumeStore extends AutoCloseable {
    Records<VolumeSpec, VolumeStatus> volumes();

    Records<SnapshotSpec, SnapshotStatus> snapshots();

    /**
     * The volume that a request is about, whether ready or not.
     *
     * @param field of the request, which the fault names
     * @throws CsiFault.NotFound when there is none, or it is being deleted
     */
    default Entry<VolumeSpec, VolumeStatus> volume(String field, String id) {
        return volumes()
                .get(id)
                .filter(entry -> !entry.spec().deleting())
                .orElseThrow(() -> new CsiFault.NotFound(field + ": there is no volume " + id));
    }

    /** Every pool of every node, as last reported. */
    List<PoolReport> pools();

    /** Replaces what is known of one node's pools. */
    void reportPools(String node, List<PoolReport> pools);

    /**
     * Calls {@code listener} after changes by anyone, in any process, until the subscription is closed.
     *
     * <p>May call more often than there were changes, and once for several. Runs on the store's thread: never blocks.
     */
    Subscription watch(Consumer<Change> listener);

    @Override
    void close();

    /** What changed. */
    record Change(Kind kind, String id) {
        /** Of which kind of record. {@code ALL}: changes may have been missed; look at everything. */
        public enum Kind {
            VOLUME,
            SNAPSHOT,
            POOLS,
            ALL
        }
    }

    /** Ends with {@link #close}. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
