package io.ublkcsi.engine.control.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.frontend.DeviceToken;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * One file a volume with a device, {@code journal/POOL/VOLUME.json} in the state directory. A change is durable, whole
 * or not at all, before the device changes; so an engine that finds an entry knows what may be there, and a device
 * without one is not ours. For the engine that holds the state directory's lock; any thread, one operation a volume
 * at a time.
 */
public final class Journal {
    private static final String FOLDER = "journal";
    private static final String INSTANCE = "instance";
    private static final String SUFFIX = ".json";

    private final Path folder;
    private final Supplier<DeviceToken> tokens;
    private final Predicate<DeviceToken> made;

    private Journal(Path folder, Supplier<DeviceToken> tokens, Predicate<DeviceToken> made) {
        this.folder = folder;
        this.tokens = tokens;
        this.made = made;
    }

    /**
     * What an engine's predecessors have left.
     *
     * @param entries in order of their volumes
     * @param damaged their devices are among those that carry a token of ours that no entry has
     */
    public record Content(List<JournalEntry> entries, List<DamagedEntry> damaged) {}

    /** Opens a state directory's journal; begins it when there is none. */
    public static Journal open(Path stateDirectory) {
        try {
            int instance = instance(stateDirectory);
            return new Journal(
                    DurableFiles.folder(stateDirectory, FOLDER),
                    () -> DeviceToken.random(instance),
                    token -> token.isOurs() && (token.instance() == instance || token.isRehearsal()));
        } catch (IOException failure) {
            throw refused("opening the journal in " + stateDirectory, failure);
        }
    }

    /** One whose devices no other journal has made but that of whoever cleans up after a rehearsal. */
    public static Journal rehearsal(Path directory) {
        try {
            int rehearsal = DeviceToken.randomRehearsal();
            return new Journal(
                    DurableFiles.folder(directory, FOLDER),
                    () -> DeviceToken.rehearsal(rehearsal),
                    token -> token.isOf(rehearsal));
        } catch (IOException failure) {
            throw refused("opening the journal in " + directory, failure);
        }
    }

    private static int instance(Path stateDirectory) throws IOException {
        Path file = stateDirectory.resolve(INSTANCE);
        if (!Files.exists(file)) {
            String digits = HexFormat.of().toHexDigits(DeviceToken.randomInstance(), 6);
            DurableFiles.write(stateDirectory, INSTANCE, digits.getBytes(UTF_8));
        }
        return HexFormat.fromHexDigits(Files.readString(file).strip());
    }

    /** Reads every entry. */
    public Content read() {
        List<JournalEntry> entries = new ArrayList<>();
        List<DamagedEntry> damaged = new ArrayList<>();
        try {
            for (Path pool : names(folder)) {
                for (Path file : names(pool)) {
                    if (file.toString().endsWith(SUFFIX)) {
                        read(pool.getFileName().toString(), file, entries, damaged);
                    }
                }
            }
        } catch (IOException failure) {
            throw refused("reading the journal in " + folder, failure);
        }
        return new Content(List.copyOf(entries), List.copyOf(damaged));
    }

    private static List<Path> names(Path directory) throws IOException {
        List<Path> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(names::add);
        }
        names.sort(null);
        return names;
    }

    private static void read(String pool, Path file, List<JournalEntry> entries, List<DamagedEntry> damaged) {
        String name = file.getFileName().toString();
        VolumeKey volume = new VolumeKey(pool, name.substring(0, name.length() - SUFFIX.length()));
        try {
            entries.add(EntryCodec.read(volume, Files.readAllBytes(file)));
        } catch (IOException | IllegalArgumentException unreadable) {
            damaged.add(new DamagedEntry(
                    volume, file, "the journal's entry " + file + " is damaged: " + unreadable.getMessage()));
        }
    }

    /** Writes an entry down; it is durable when this returns. */
    public void put(JournalEntry entry) {
        VolumeKey volume = entry.volume();
        try {
            Path pool = DurableFiles.folder(folder, volume.pool());
            DurableFiles.write(pool, name(volume), EntryCodec.write(entry));
        } catch (IOException failure) {
            throw refused("writing the journal's entry " + file(volume), failure);
        }
    }

    /** Forgets a volume, durably; one that is not there is no fault. */
    public void remove(VolumeKey volume) {
        try {
            DurableFiles.remove(folder.resolve(volume.pool()), name(volume));
        } catch (IOException failure) {
            throw refused("removing the journal's entry " + file(volume), failure);
        }
    }

    /** What is said of an entry that stays and cannot be followed. */
    public DamagedEntry damaged(VolumeKey volume, String reason) {
        return new DamagedEntry(volume, file(volume), reason);
    }

    private Path file(VolumeKey volume) {
        return folder.resolve(volume.pool()).resolve(name(volume));
    }

    private static String name(VolumeKey volume) {
        return volume.volumeId() + SUFFIX;
    }

    /** For a device that is about to be made. */
    public DeviceToken newToken() {
        return tokens.get();
    }

    /**
     * Whether an engine of this state directory made the device with this token, or a standby, which makes one to warm
     * up.
     */
    public boolean made(DeviceToken token) {
        return made.test(token);
    }

    private static EngineException refused(String what, IOException failure) {
        return new EngineException(
                Kind.FAILED_PRECONDITION,
                what + " failed (" + failure.getMessage() + "): the engine changes no device that it cannot write down"
                        + " first; see to the disk of --state-dir",
                failure);
    }
}
