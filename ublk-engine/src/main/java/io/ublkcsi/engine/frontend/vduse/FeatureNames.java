package io.ublkcsi.engine.frontend.vduse;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Feature bits by name, for people. */
final class FeatureNames {
    private static final Map<Integer, String> NAMES = new TreeMap<>(Map.ofEntries(
            Map.entry(VirtioFeature.VERSION_1, "VERSION_1"),
            Map.entry(VirtioFeature.ACCESS_PLATFORM, "ACCESS_PLATFORM"),
            Map.entry(VirtioFeature.INDIRECT_DESC, "INDIRECT_DESC"),
            Map.entry(VirtioFeature.EVENT_IDX, "EVENT_IDX"),
            Map.entry(VirtioFeature.BLK_SEG_MAX, "SEG_MAX"),
            Map.entry(VirtioFeature.BLK_RO, "RO"),
            Map.entry(VirtioFeature.BLK_BLK_SIZE, "BLK_SIZE"),
            Map.entry(VirtioFeature.BLK_FLUSH, "FLUSH"),
            Map.entry(VirtioFeature.BLK_TOPOLOGY, "TOPOLOGY"),
            Map.entry(VirtioFeature.BLK_MQ, "MQ"),
            Map.entry(VirtioFeature.BLK_DISCARD, "DISCARD"),
            Map.entry(VirtioFeature.BLK_WRITE_ZEROES, "WRITE_ZEROES")));

    private FeatureNames() {}

    static List<String> of(long features) {
        return NAMES.entrySet().stream()
                .filter(entry -> VirtioFeature.has(features, entry.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }
}
