package io.ublkcsi.engine.control;

/**
 * Something that happened to a volume.
 *
 * @param timeMs wall clock, milliseconds since the epoch
 * @param kind such as {@code attached}; see engine.proto
 * @param message for a person
 */
public record EngineEvent(long timeMs, String kind, VolumeKey volume, String message) {
    static EngineEvent now(String kind, VolumeKey volume, String message) {
        return new EngineEvent(System.currentTimeMillis(), kind, volume, message);
    }
}
