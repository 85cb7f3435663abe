package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.block.Backend;
import java.util.List;

/**
 * A place where volumes live. Every operation may be repeated: asking for what is already so answers the same. Any
 * thread; the caller sees to it that there is one operation a volume at a time. Calls block for as long as the pool's
 * disk takes.
 *
 * <p>Failures are {@link io.ublkcsi.engine.block.EngineException}s: INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS,
 * FAILED_PRECONDITION, RESOURCE_EXHAUSTED, each with its own sentence.
 */
public interface Pool extends AutoCloseable {
    String name();

    /** {@code file}, {@code memory}, {@code none} or {@code fault}. */
    String kind();

    PoolInfo info();

    /** Opens a volume for one user, who closes it. */
    Backend openBackend(String volumeId, OpenOptions options);

    /** Opened volumes with requests that wait for the pool, for want of space. */
    default List<HeldVolume> held() {
        return List.of();
    }

    /**
     * Makes a volume; may answer CREATING, then it gets ready by itself.
     *
     * @param origin of the request's origin volume; unused when there is none
     */
    VolumeInfo createVolume(VolumeRequest request, VolumeUse origin);

    /** No such volume: nothing to do. */
    void deleteVolume(String volumeId);

    VolumeInfo volume(String volumeId);

    /** In order of their ids. */
    List<VolumeInfo> volumes();

    /** Whether a volume was ever written to. */
    default DataPresence data(String volumeId) {
        return DataPresence.UNSPECIFIED;
    }

    /** Never shrinks; a size at or below the present one answers the present one. */
    VolumeInfo growVolume(String volumeId, long sizeBytes);

    /** Notes for good that a file system was made on the volume. */
    VolumeInfo markFormatted(String volumeId, String filesystem);

    /** The volume's content at one moment; may answer CREATING, then it gets ready by itself. */
    SnapshotInfo createSnapshot(String snapshotId, String volumeId, VolumeUse use);

    /** No such snapshot: nothing to do. */
    void deleteSnapshot(String snapshotId);

    SnapshotInfo snapshot(String snapshotId);

    /** In order of their ids. */
    List<SnapshotInfo> snapshots();

    @Override
    void close();
}
