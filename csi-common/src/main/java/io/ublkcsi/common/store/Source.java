package io.ublkcsi.common.store;

/**
 * What a volume starts as a copy of.
 *
 * @param id of the snapshot or volume
 */
public record Source(Kind kind, String id) {
    public enum Kind {
        SNAPSHOT,
        VOLUME
    }

    @Override
    public String toString() {
        return (kind == Kind.SNAPSHOT ? "snapshot " : "volume ") + id;
    }
}
