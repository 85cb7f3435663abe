package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.DataPresence;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.FileStatus;
import io.ublkcsi.engine.sys.Linux;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of images, each {@code ID.raw} with its record {@code ID.json}: a pool's volumes, or its snapshots. Records
 * are read once, when the pool is opened and locked, and written through. Any thread.
 */
final class ImageStore implements AutoCloseable {
    static final String IMAGE = ".raw";

    private static final Logger LOG = LoggerFactory.getLogger(ImageStore.class);
    private static final String RECORD = ".json";
    private static final String MARKS = ".cut";

    private final String noun;
    private final PoolFolder folder;
    private final Map<String, ImageRecord> records = new ConcurrentSkipListMap<>();
    private final Map<String, EngineException> unreadable = new TreeMap<>();

    /**
     * @param noun what one of them is called in messages
     * @param folder owned by the store from here on
     */
    ImageStore(String noun, PoolFolder folder) {
        this.noun = noun;
        this.folder = folder;
        folder.removeTemporaries();
        folder.names().stream()
                .filter(name -> name.endsWith(RECORD))
                .map(name -> name.substring(0, name.length() - RECORD.length()))
                .forEach(this::load);
        folder.names().stream()
                .filter(name -> name.endsWith(IMAGE) && folder.status(recordName(name)) == null)
                .forEach(name -> LOG.warn("{}", withoutRecord(name).getMessage()));
    }

    private void load(String id) {
        try {
            String file = folder.path().resolve(id + RECORD).toString();
            records.put(id, RecordCodec.read(file, folder.read(id + RECORD)));
        } catch (EngineException refused) {
            LOG.error("{} {} cannot be used: {}", noun, id, refused.getMessage());
            unreadable.put(id, refused);
        }
    }

    private static String recordName(String image) {
        return image.substring(0, image.length() - IMAGE.length()) + RECORD;
    }

    PoolFolder folder() {
        return folder;
    }

    /** {@code volume pvc-1}, for messages. */
    String named(String id) {
        return noun + " " + id;
    }

    /** In order of their ids. */
    Collection<ImageRecord> all() {
        return records.values();
    }

    /** Why records could not be read, by id. */
    Map<String, EngineException> unreadable() {
        return unreadable;
    }

    /**
     * Null when there is none.
     *
     * @throws EngineException when there is one that cannot be read, or an image without one
     */
    @Nullable
    ImageRecord find(String id) {
        EngineException refused = unreadable.get(id);
        if (refused != null) {
            throw refused;
        }
        ImageRecord record = records.get(id);
        if (record == null && folder.status(id + IMAGE) != null) {
            throw withoutRecord(id + IMAGE);
        }
        return record;
    }

    private EngineException withoutRecord(String image) {
        return new EngineException(
                Kind.FAILED_PRECONDITION,
                folder.path().resolve(image) + " is an image without a record, so it is no " + noun
                        + ": move it away; to use its content, make a volume of its size (CreateVolume, 'ublk-csi"
                        + " volume create') and copy it into that volume's device");
    }

    /**
     * @throws EngineException NOT_FOUND, and as {@link #find}
     */
    ImageRecord get(String id) {
        ImageRecord record = find(id);
        if (record == null) {
            throw new EngineException(Kind.NOT_FOUND, "there is no " + named(id) + " in this pool");
        }
        return record;
    }

    /** Durable when it returns. */
    ImageRecord put(ImageRecord record) {
        folder.write(record.id() + RECORD, RecordCodec.write(record));
        records.put(record.id(), record);
        return record;
    }

    /** Removes an image and its record; cut off anywhere, the next pool open goes on. */
    void remove(ImageRecord record) {
        if (record.state() != RecordState.DELETING) {
            put(record.withState(RecordState.DELETING));
        }
        dropImage(record.id());
        folder.remove(record.id() + RECORD);
        folder.sync();
        records.remove(record.id());
    }

    /** Gives back an image's space; its record stays. */
    void dropImage(String id) {
        folder.remove(id + IMAGE);
        folder.remove(id + MARKS);
        folder.sync();
    }

    /** Makes the file that says how far a copy has come; the caller closes it. */
    int createMarks(String id) {
        return folder.open(id + MARKS, Linux.O_RDWR | Linux.O_CREAT | Linux.O_TRUNC);
    }

    /** A descriptor, which the caller closes, or {@code -errno}. */
    int openMarks(String id) {
        return folder.tryOpen(id + MARKS, Linux.O_RDWR);
    }

    /** A copy that is done needs no marks. */
    void dropMarks(String id) {
        folder.remove(id + MARKS);
    }

    /** Whether somebody serves, copies or otherwise holds the image. */
    boolean isLocked(String id) {
        int fd = folder.tryOpen(id + IMAGE, Linux.O_RDONLY);
        if (fd < 0) {
            return false;
        }
        try {
            return Linux.flock(fd, Linux.LOCK_EX_NB) == -Errno.EAGAIN;
        } finally {
            Linux.close(fd);
        }
    }

    /** Looks for the image's first data; preallocated space that nobody wrote to is none. */
    DataPresence data(String id) {
        int fd = folder.tryOpen(id + IMAGE, Linux.O_RDONLY);
        FileErrors.check("opening the image of " + named(id), fd);
        try {
            long first = Linux.lseek(fd, 0, Linux.SEEK_DATA);
            if (first == -Errno.ENXIO) {
                return DataPresence.NONE;
            }
            FileErrors.check("looking for data of " + named(id), first);
            return DataPresence.SOME;
        } finally {
            Linux.close(fd);
        }
    }

    /** Bytes that the image takes up; 0 when there is no image. */
    long allocatedBytes(String id) {
        FileStatus status = folder.status(id + IMAGE);
        return status == null ? 0 : status.allocatedBytes();
    }

    /** Null when there is no image. */
    @Nullable
    FileStatus imageStatus(String id) {
        return folder.status(id + IMAGE);
    }

    /** Makes an image of no bytes; the caller closes it. */
    int createImage(String id, int flags) {
        int fd = folder.tryOpen(id + IMAGE, Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL | flags);
        FileErrors.check("making the image of " + named(id), fd);
        return fd;
    }

    /**
     * Opens an image as the regular file of one name that it has to be; the caller closes it.
     *
     * @throws EngineException with a sentence for each thing that it can be instead
     */
    int openImage(String id, int flags) {
        String file = "the image of " + named(id) + ", " + folder.path().resolve(id + IMAGE) + ",";
        FileStatus status = folder.status(id + IMAGE);
        if (status == null) {
            throw refused(file + " is missing although its record is there: restore it, or delete it for good");
        }
        checkKind(file, status);
        int fd = folder.tryOpen(id + IMAGE, flags);
        FileErrors.check("opening " + file, fd);
        try {
            checkKind(file, FileStatus.of(fd));
            return fd;
        } catch (RuntimeException refused) {
            Linux.close(fd);
            throw refused;
        }
    }

    /**
     * The image shows that it may have changed, which the way that it is written in does not. On a thread of its own:
     * no detach waits for a disk that hangs.
     */
    void touchSoon(String id) {
        Thread.ofPlatform().name("touch-" + id).daemon().start(() -> touch(id));
    }

    private void touch(String id) {
        int touched = Linux.touch(folder.fd(), id + IMAGE);
        if (touched < 0) {
            LOG.debug("the time of the image of {} stays: {}", named(id), Errno.name(touched));
        }
    }

    private static void checkKind(String file, FileStatus status) {
        if (status.isDirectory()) {
            throw refused(file + " is a directory: put the image itself there");
        }
        if (status.isSymbolicLink()) {
            throw refused(file + " is a symbolic link: put the image itself there");
        }
        if (!status.isRegular()) {
            throw refused(file + " is not a regular file: put the image itself there");
        }
        if (status.links() != 1) {
            throw refused(file + " has " + status.links()
                    + " hard links, so somebody else may write to it: copy it to a file of its own");
        }
    }

    private static EngineException refused(String sentence) {
        return new EngineException(Kind.FAILED_PRECONDITION, sentence);
    }

    @Override
    public void close() {
        folder.close();
    }
}
