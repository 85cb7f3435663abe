package io.ublkcsi.engine.control;

import io.ublkcsi.engine.control.journal.DamagedEntry;
import io.ublkcsi.engine.frontend.DeviceFacts;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.LeftDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every device that is ours, served or not, and what happens to them. A volume's place is changed under the guard of
 * the volume; read by anybody.
 */
final class DeviceTable {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceTable.class);

    private final Map<VolumeKey, AttachedVolume> served = new ConcurrentSkipListMap<>();
    private final Map<VolumeKey, LeftVolume> left = new ConcurrentSkipListMap<>();
    private final Map<VolumeKey, DamagedEntry> damaged = new ConcurrentSkipListMap<>();
    private final List<LeftDevice> unexplained = new CopyOnWriteArrayList<>();
    private final Consumer<EngineEvent> events;

    DeviceTable(Consumer<EngineEvent> events) {
        this.events = events;
    }

    @Nullable
    AttachedVolume served(VolumeKey volume) {
        return served.get(volume);
    }

    /** The volume whose device was made with a token; null when this engine serves none such. */
    @Nullable
    AttachedVolume served(DeviceToken token) {
        return served.values().stream()
                .filter(volume -> token.equals(volume.entry().token()))
                .findFirst()
                .orElse(null);
    }

    @Nullable
    LeftVolume left(VolumeKey volume) {
        return left.get(volume);
    }

    /** None when somebody has taken the entry's file away since: it is settled. */
    @Nullable
    DamagedEntry damaged(VolumeKey volume) {
        damaged.computeIfPresent(volume, (_, entry) -> Files.exists(entry.file()) ? entry : null);
        return damaged.get(volume);
    }

    boolean hasDamaged() {
        return !damaged.isEmpty();
    }

    boolean isKnown(VolumeKey volume) {
        return served.containsKey(volume) || left.containsKey(volume) || damaged(volume) != null;
    }

    /** In order of their volumes. */
    List<AttachedVolume> served() {
        return List.copyOf(served.values());
    }

    void serves(AttachedVolume volume) {
        served.put(volume.volume(), volume);
        left.remove(volume.volume());
    }

    void leaves(LeftVolume volume) {
        left.put(volume.entry().volume(), volume);
    }

    void add(DamagedEntry entry) {
        damaged.put(entry.volume(), entry);
    }

    /** A device of this state directory that no entry names. */
    void add(LeftDevice device) {
        unexplained.add(device);
    }

    void remove(VolumeKey volume) {
        served.remove(volume);
        left.remove(volume);
    }

    /** In order of their volumes. */
    List<DeviceView> views() {
        Map<VolumeKey, DeviceView> views = new TreeMap<>();
        left.forEach((volume, waiting) -> views.put(volume, waiting.view()));
        served.forEach((volume, attached) -> views.put(volume, attached.view()));
        return List.copyOf(views.values());
    }

    /** The frontend's numbers of the devices that are not foreign. */
    List<Integer> ids(FrontendKind kind) {
        Stream<DeviceFacts> all = Stream.of(
                        served.values().stream().map(AttachedVolume::facts),
                        left.values().stream().map(waiting -> waiting.device().facts()),
                        unexplained.stream().map(LeftDevice::facts))
                .flatMap(facts -> facts);
        return all.filter(facts -> facts.kind() == kind).map(DeviceFacts::id).toList();
    }

    /** What waits for a person, a sentence each, with the command that goes on from there. */
    List<String> notices() {
        Stream<String> entries = damaged.keySet().stream()
                .map(this::damaged)
                .filter(Objects::nonNull)
                .map(entry -> "volume " + entry.volume() + ": " + entry.advice());
        Stream<String> nameless = unexplained.stream()
                .filter(device -> Files.exists(Path.of(device.path())))
                .map(DeviceTable::advice);
        return Stream.concat(entries, nameless).toList();
    }

    static String advice(LeftDevice device) {
        return device.path() + " was made by an engine of this state directory, and no entry of the journal that can be"
                + " read names it: it is not served and its I/O waits. 'ublk-csi release --force " + device.path()
                + "' ends it and fails its I/O";
    }

    void report(String kind, VolumeKey volume, String message) {
        LOG.info("volume {} {}: {}", volume, kind, message);
        events.accept(EngineEvent.now(kind, volume, message));
    }
}
