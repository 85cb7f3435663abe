package io.ublkcsi.engine.pool;

/**
 * What a volume is made from.
 *
 * @param id a snapshot's or a volume's, in the same pool
 */
public record Origin(Kind kind, String id) {
    public enum Kind {
        SNAPSHOT,
        VOLUME
    }

    /** Such as {@code snapshot before-upgrade}. */
    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT) + " " + id;
    }
}
