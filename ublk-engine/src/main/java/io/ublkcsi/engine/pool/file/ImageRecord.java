package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.pool.Origin;
import io.ublkcsi.engine.pool.Provisioning;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is written beside an image, as JSON. The image itself is the disk's bytes and nothing else.
 *
 * @param formatVersion of this record; see {@link RecordCodec}
 * @param origin what it was made from; of a snapshot: its volume. Null: it was made empty
 * @param dataBytes of a copy or clone: what the origin had allocated
 * @param shared its blocks were its origin's when it was made, and may have to be written anew
 * @param formattedAs file system that was made on it, or empty
 * @param reason why it failed, or empty
 * @param createdMs wall clock, milliseconds since the epoch
 * @param pauseNs of a snapshot: how long its volume's I/O was held
 */
record ImageRecord(
        int formatVersion,
        String id,
        RecordState state,
        long sizeBytes,
        Provisioning provisioning,
        int logicalBlockBytes,
        @Nullable Origin origin,
        long dataBytes,
        boolean shared,
        String formattedAs,
        String reason,
        long createdMs,
        long pauseNs) {

    /** A record of an image that is being made. */
    static ImageRecord creating(
            String id,
            long sizeBytes,
            Provisioning provisioning,
            int logicalBlockBytes,
            @Nullable Origin origin,
            long dataBytes) {
        return new ImageRecord(
                RecordCodec.FORMAT_VERSION,
                id,
                RecordState.CREATING,
                sizeBytes,
                provisioning,
                logicalBlockBytes,
                origin,
                dataBytes,
                false,
                "",
                "",
                System.currentTimeMillis(),
                0);
    }

    /** The origin of what has one. */
    Origin madeFrom() {
        return Objects.requireNonNull(origin, id);
    }

    boolean isPreallocated() {
        return provisioning == Provisioning.PREALLOCATED;
    }

    /** Bytes that are its origin's too, and may yet be wanted a second time. */
    long sharedBytes() {
        return shared ? dataBytes : 0;
    }

    ImageRecord withState(RecordState next) {
        return with(next, sizeBytes, shared, formattedAs, reason, createdMs, pauseNs);
    }

    ImageRecord failed(String why) {
        return with(RecordState.FAILED, sizeBytes, shared, formattedAs, why, createdMs, pauseNs);
    }

    ImageRecord withSize(long bytes) {
        return with(state, bytes, shared, formattedAs, reason, createdMs, pauseNs);
    }

    ImageRecord asShared() {
        return with(state, sizeBytes, true, formattedAs, reason, createdMs, pauseNs);
    }

    ImageRecord formatted(String filesystem) {
        return with(state, sizeBytes, shared, filesystem, reason, createdMs, pauseNs);
    }

    ImageRecord cutAt(long momentMs, long heldNs) {
        return with(state, sizeBytes, shared, formattedAs, reason, momentMs, heldNs);
    }

    private ImageRecord with(
            RecordState next, long bytes, boolean sharing, String filesystem, String why, long momentMs, long heldNs) {
        return new ImageRecord(
                formatVersion,
                id,
                next,
                bytes,
                provisioning,
                logicalBlockBytes,
                origin,
                dataBytes,
                sharing,
                filesystem,
                why,
                momentMs,
                heldNs);
    }
}
