package io.ublkcsi.engine.control;

/** A volume's name: its pool and its id there. */
public record VolumeKey(String pool, String volumeId) implements Comparable<VolumeKey> {
    @Override
    public int compareTo(VolumeKey other) {
        int byPool = pool.compareTo(other.pool);
        return byPool != 0 ? byPool : volumeId.compareTo(other.volumeId);
    }

    /** {@code pool/volume}, as the command line writes it. */
    @Override
    public String toString() {
        return pool + "/" + volumeId;
    }
}
