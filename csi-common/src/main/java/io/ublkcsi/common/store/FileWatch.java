package io.ublkcsi.common.store;

import io.ublkcsi.common.store.VolumeStore.Change;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners which records changed, whichever process wrote them: inotify on the store's folders, and every few
 * seconds a word to look at everything, for file systems on which inotify does not see other machines' writes.
 */
final class FileWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final long LOOK_AT_ALL_SECONDS = 10;

    private final WatchService service;
    private final Map<WatchKey, Change.Kind> kinds = new HashMap<>();
    private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();

    FileWatch(Path volumes, Path snapshots, Path pools) throws IOException {
        this.service = volumes.getFileSystem().newWatchService();
        kinds.put(register(volumes), Change.Kind.VOLUME);
        kinds.put(register(snapshots), Change.Kind.SNAPSHOT);
        kinds.put(register(pools), Change.Kind.POOLS);
        Thread.ofPlatform().daemon().name("store-watch").start(this::run);
    }

    VolumeStore.Subscription subscribe(Consumer<Change> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private WatchKey register(Path folder) throws IOException {
        return folder.register(
                service,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE);
    }

    private void run() {
        try {
            while (true) {
                WatchKey key = service.poll(LOOK_AT_ALL_SECONDS, TimeUnit.SECONDS);
                if (key == null) {
                    tell(new Change(Change.Kind.ALL, ""));
                } else {
                    for (WatchEvent<?> event : key.pollEvents()) {
                        change(Objects.requireNonNull(kinds.get(key)), event).ifPresent(this::tell);
                    }
                    key.reset();
                }
            }
        } catch (ClosedWatchServiceException closed) {
            LOG.debug("the store is closed");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Optional<Change> change(Change.Kind kind, WatchEvent<?> event) {
        if (event.kind().equals(StandardWatchEventKinds.OVERFLOW)) {
            return Optional.of(new Change(Change.Kind.ALL, ""));
        }
        String name = String.valueOf(event.context());
        if (name.startsWith(".")) {
            return Optional.empty();
        }
        String id = name.replaceFirst("\\.(spec\\.|status\\.|)json$", "");
        return Optional.of(new Change(kind, id));
    }

    private void tell(Change change) {
        for (Consumer<Change> listener : listeners) {
            try {
                listener.accept(change);
            } catch (RuntimeException failure) {
                LOG.error("a listener of the store failed on {}", change, failure);
            }
        }
    }

    @Override
    public void close() {
        try {
            service.close();
        } catch (IOException failure) {
            LOG.warn("the store's watch did not close: {}", failure.getMessage());
        }
    }
}
