package io.ublkcsi.common.store;

import io.ublkcsi.common.parameters.ParameterParser;
import java.util.List;
import java.util.Map;

/** Wishes for volumes on {@code node-1} of which a test cares about little. */
public final class PlainVolume {
    private PlainVolume() {}

    public static VolumeSpec of(String id, long sizeBytes) {
        return of(id, sizeBytes, false);
    }

    /**
     * @param owned a PersistentVolume was seen that names it
     */
    public static VolumeSpec of(String id, long sizeBytes, boolean owned) {
        return new VolumeSpec(
                id,
                id,
                "node-1",
                1,
                false,
                sizeBytes,
                null,
                ParameterParser.parse(Map.of()),
                List.of(),
                0,
                null,
                owned);
    }
}
