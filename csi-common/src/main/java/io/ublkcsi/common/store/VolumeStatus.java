package io.ublkcsi.common.store;

import io.ublkcsi.common.fault.CsiFault;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A volume as its node sees it.
 *
 * @param generation of the wish that this is about
 * @param ready its bytes exist
 * @param sizeBytes as it is; 0 until it is ready
 * @param progressPercent of a long copy
 * @param failure why the wish of this generation was not fulfilled; {@code null} when it was, or work goes on
 * @param reason for a person; empty when there is nothing to say
 * @param attached a device shows it on the node
 * @param inUse something mounts or holds that device
 * @param formatting mkfs was begun on the volume, which was found empty, and did not end yet
 * @param filesystemBytes the device size that the file system was last made or grown to; 0: not known
 * @param pods that have it published
 * @param shownBy its device, which kernel interface shows it, and why that one; empty without a device
 */
public record VolumeStatus(
        int generation,
        boolean ready,
        long sizeBytes,
        int progressPercent,
        CsiFault.@Nullable Kind failure,
        String reason,
        boolean attached,
        boolean inUse,
        boolean formatting,
        long filesystemBytes,
        List<Pod> pods,
        String shownBy)
        implements Status {
    /** Records of a version before the last ones were kept have none. */
    public VolumeStatus {
        pods = pods == null ? List.of() : List.copyOf(pods);
        shownBy = shownBy == null ? "" : shownBy;
    }

    /** A pod on the volume's node. */
    public record Pod(String namespace, String name, String uid) {}

    /** Before the node said anything. */
    public static final VolumeStatus UNKNOWN =
            new VolumeStatus(0, false, 0, 0, null, "", false, false, false, 0, List.of(), "");

    /** The wish of this generation is fulfilled. */
    public VolumeStatus fulfilled(int wish, long bytes) {
        return withWork(wish, true, bytes, 100, null, "");
    }

    /** Work on it goes on. */
    public VolumeStatus underWay(int percent, String why) {
        return withWork(generation, ready, sizeBytes, percent, null, why);
    }

    /** The wish of this generation failed, and is not tried again. */
    public VolumeStatus failed(int wish, CsiFault fault) {
        return withWork(wish, ready, sizeBytes, progressPercent, fault.kind(), String.valueOf(fault.getMessage()));
    }

    /** What came of a wish; its use stays. */
    private VolumeStatus withWork(
            int wish, boolean nowReady, long bytes, int percent, CsiFault.@Nullable Kind fault, String why) {
        return new VolumeStatus(
                wish,
                nowReady,
                bytes,
                percent,
                fault,
                why,
                attached,
                inUse,
                formatting,
                filesystemBytes,
                pods,
                shownBy);
    }

    public VolumeStatus withDevice(boolean nowAttached, boolean nowInUse) {
        return withDevice(nowAttached, nowInUse, nowAttached ? shownBy : "");
    }

    public VolumeStatus withDevice(boolean nowAttached, boolean nowInUse, String nowShownBy) {
        return withUse(nowAttached, nowInUse, formatting, filesystemBytes, pods, nowShownBy);
    }

    public VolumeStatus withFormatting(boolean now) {
        return withUse(attached, inUse, now, filesystemBytes, pods, shownBy);
    }

    public VolumeStatus withFilesystemBytes(long bytes) {
        return withUse(attached, inUse, formatting, bytes, pods, shownBy);
    }

    /** The pod has it published: it is in use, whatever a look between its device and its mount saw. */
    public VolumeStatus withPod(Pod pod) {
        return withDevice(true, true)
                .withPods(Stream.concat(
                                pods.stream().filter(other -> !other.uid().equals(pod.uid())), Stream.of(pod))
                        .toList());
    }

    /** The pod no longer has it published. */
    public VolumeStatus withoutPod(String uid) {
        return withPods(pods.stream().filter(pod -> !pod.uid().equals(uid)).toList());
    }

    public VolumeStatus withPods(List<Pod> now) {
        return withUse(attached, inUse, formatting, filesystemBytes, now, shownBy);
    }

    /** How it is used; what came of the wish stays. */
    private VolumeStatus withUse(
            boolean nowAttached,
            boolean nowInUse,
            boolean nowFormatting,
            long nowFilesystemBytes,
            List<Pod> nowPods,
            String nowShownBy) {
        return new VolumeStatus(
                generation,
                ready,
                sizeBytes,
                progressPercent,
                failure,
                reason,
                nowAttached,
                nowInUse,
                nowFormatting,
                nowFilesystemBytes,
                nowPods,
                nowShownBy);
    }
}
