package io.ublkcsi.common.store;

import io.ublkcsi.common.parameters.VolumeParameters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A volume as it is wanted.
 *
 * @param sizeBytes grows, never shrinks
 * @param source {@code null} for an empty volume
 * @param uses how it may be used, for people and for comparison, such as {@code mount ext4 SINGLE_NODE_WRITER}
 * @param createdMs wall clock, milliseconds since the epoch
 * @param claim the PersistentVolumeClaim that it was made for; {@code null} when the orchestrator did not say
 * @param owned a PersistentVolume was seen that names it; without one it is nobody's
 */
public record VolumeSpec(
        String id,
        String name,
        String node,
        int generation,
        boolean deleting,
        long sizeBytes,
        @Nullable Source source,
        VolumeParameters parameters,
        List<String> uses,
        long createdMs,
        @Nullable Claim claim,
        boolean owned)
        implements Spec<VolumeSpec> {

    /** A PersistentVolumeClaim's name. */
    public record Claim(String namespace, String name) {
        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    public String pool() {
        return parameters.pool();
    }

    @Override
    public VolumeSpec toDelete() {
        return new VolumeSpec(
                id, name, node, generation + 1, true, sizeBytes, source, parameters, uses, createdMs, claim, owned);
    }

    /** The same volume, larger (or, to take back a wish that could not be fulfilled, as it is). */
    public VolumeSpec withSize(long bytes) {
        return bytes == sizeBytes
                ? this
                : new VolumeSpec(
                        id,
                        name,
                        node,
                        generation + 1,
                        deleting,
                        bytes,
                        source,
                        parameters,
                        uses,
                        createdMs,
                        claim,
                        owned);
    }

    /** Its PersistentVolume was seen. No other wish than before: the generation stays. */
    public VolumeSpec asOwned() {
        return owned
                ? this
                : new VolumeSpec(
                        id,
                        name,
                        node,
                        generation,
                        deleting,
                        sizeBytes,
                        source,
                        parameters,
                        uses,
                        createdMs,
                        claim,
                        true);
    }
}
