package io.ublkcsi.common.store;

import io.ublkcsi.common.fault.CsiFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Records as two files each, {@code ID.spec.json} and {@code ID.status.json}: one for each of the two writers. */
final class FileRecords<S extends Spec<S>, T extends Status> implements Records<S, T> {
    static final String SPEC = ".spec.json";
    static final String STATUS = ".status.json";

    private final Path folder;
    private final Class<S> specType;
    private final Class<T> statusType;
    private final T unknown;
    private final String pointPrefix;
    /** One lock per id, for the read-modify-write of this process's threads. */
    private final ConcurrentHashMap<String, Object> locks = new ConcurrentHashMap<>();

    FileRecords(Path folder, Class<S> specType, Class<T> statusType, T unknown, String pointPrefix) {
        this.folder = folder;
        this.specType = specType;
        this.statusType = statusType;
        this.unknown = unknown;
        this.pointPrefix = pointPrefix;
    }

    @Override
    public Optional<Entry<S, T>> get(String id) {
        return JsonFile.read(spec(id), specType)
                .map(spec ->
                        new Entry<>(spec, JsonFile.read(status(id), statusType).orElse(unknown)));
    }

    @Override
    public List<Entry<S, T>> list() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SPEC) && !name.startsWith("."))
                    .map(name -> name.substring(0, name.length() - SPEC.length()))
                    .sorted()
                    .map(this::get)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (IOException failure) {
            throw new CsiFault.Internal("can't list the records in " + folder + ": " + failure.getMessage(), failure);
        }
    }

    @Override
    public boolean add(S spec) {
        synchronized (lock(spec.id())) {
            if (Files.exists(spec(spec.id()))) {
                return false;
            }
            // A status without a wish is the rest of a removal that was cut off.
            JsonFile.remove(status(spec.id()), pointPrefix + ".after-stale-status-removed");
            JsonFile.write(spec(spec.id()), spec, pointPrefix + ".after-spec-added");
            return true;
        }
    }

    @Override
    public Entry<S, T> update(String id, UnaryOperator<S> change) {
        synchronized (lock(id)) {
            Entry<S, T> entry = get(id).orElseThrow(() -> new CsiFault.NotFound("there is no record of " + id));
            S changed = change.apply(entry.spec());
            if (!changed.equals(entry.spec())) {
                JsonFile.write(spec(id), changed, pointPrefix + ".after-spec-changed");
            }
            return new Entry<>(changed, entry.status());
        }
    }

    @Override
    public void report(String id, UnaryOperator<T> change) {
        synchronized (lock(id)) {
            Optional<Entry<S, T>> entry = get(id);
            if (entry.isEmpty()) {
                return;
            }
            T changed = change.apply(entry.get().status());
            if (!changed.equals(entry.get().status())) {
                JsonFile.write(status(id), changed, pointPrefix + ".after-status-reported");
            }
        }
    }

    @Override
    public void remove(String id) {
        synchronized (lock(id)) {
            // The wish goes last: as long as it is there, a cut-off removal is taken up again.
            JsonFile.remove(status(id), pointPrefix + ".after-status-removed");
            JsonFile.remove(spec(id), pointPrefix + ".after-spec-removed");
        }
        locks.remove(id);
    }

    private Object lock(String id) {
        return locks.computeIfAbsent(id, _ -> new Object());
    }

    private Path spec(String id) {
        return folder.resolve(id + SPEC);
    }

    private Path status(String id) {
        return folder.resolve(id + STATUS);
    }
}
