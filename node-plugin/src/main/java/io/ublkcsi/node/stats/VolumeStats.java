package io.ublkcsi.node.stats;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.BlockDevices;
import io.ublkcsi.node.mount.MountEntry;
import io.ublkcsi.node.mount.Mounter;
import io.ublkcsi.node.process.Commands;
import io.ublkcsi.node.process.Commands.Result;
import io.ublkcsi.node.stage.Volumes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How full a volume is.
 *
 * <p>Answers in well under a second, whatever the engine does: mountinfo and /sys need no I/O, and the file system is
 * asked by a child process that is not waited for when it hangs. Then the last figures are good enough.
 */
public final class VolumeStats {
    /** How long an answer may take where the last one will do as well. */
    private static final Duration PATIENCE = Duration.ofMillis(400);

    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(5);
    /** For the child itself; what it says late is kept for the next question. */
    private static final Duration CHILD_LIMIT = Duration.ofSeconds(20);

    private final Volumes volumes;
    private final Mounter mounter;
    private final BlockDevices devices;
    private final Commands commands;
    private final Map<String, Usage> last = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Usage>> asking = new ConcurrentHashMap<>();

    public VolumeStats(Volumes volumes, Mounter mounter, BlockDevices devices, Commands commands) {
        this.volumes = volumes;
        this.mounter = mounter;
        this.devices = devices;
        this.commands = commands;
    }

    /**
     * The figures; of raw block only the size is known.
     *
     * @param block raw, without a file system
     */
    public record Usage(
            boolean block, long totalBytes, long usedBytes, long availableBytes, long inodes, long freeInodes) {}

    public Usage of(String volumeId, Path path) {
        volumes.get(volumeId);
        MountEntry mounted = mounter.table()
                .at(path)
                .orElseThrow(() ->
                        new CsiFault.NotFound("volume_path: volume " + volumeId + " is not published at " + path));
        if (mounted.filesystem().equals("devtmpfs")) {
            long size = devices.sizeBytes(
                    Path.of("/dev").resolve(Path.of(mounted.root()).getFileName()));
            return new Usage(true, size, 0, 0, 0, 0);
        }
        return askInTime(volumeId, path);
    }

    private Usage askInTime(String volumeId, Path path) {
        CompletableFuture<Usage> answer = asking.computeIfAbsent(volumeId, _ -> begin(volumeId, path));
        try {
            Duration patience = last.containsKey(volumeId) ? PATIENCE : FIRST_PATIENCE;
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            Usage before = last.get(volumeId);
            if (before != null) {
                return before;
            }
            throw new CsiFault.Unavailable("the file system of volume " + volumeId
                    + " does not answer, and was not asked before; is the engine that serves its device running?");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof CsiFault fault) {
                throw fault;
            }
            throw new CsiFault.Internal("asking the file system failed", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CsiFault.Timeout("interrupted while the file system was asked");
        }
    }

    /** At most one child for each volume, on a thread of its own. */
    private CompletableFuture<Usage> begin(String volumeId, Path path) {
        CompletableFuture<Usage> answer = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("stats-" + volumeId).start(() -> {
            try {
                Usage usage = ask(volumeId, path);
                last.put(volumeId, usage);
                answer.complete(usage);
            } catch (RuntimeException failure) {
                answer.completeExceptionally(failure);
            } finally {
                asking.remove(volumeId, answer);
            }
        });
        return answer;
    }

    private Usage ask(String volumeId, Path path) {
        // A key of its own: a question that hangs must not keep the volume from being unstaged.
        Result result = commands.run(
                "stats of " + volumeId,
                List.of("stat", "-f", "-c", "%S %b %f %a %c %d", path.toString()),
                Deadline.in(CHILD_LIMIT));
        String[] words = result.output().split(" ");
        if (!result.ok() || words.length != 6) {
            throw new CsiFault.Internal("the file system at " + path + " could not be asked: " + result.output());
        }
        long block = Long.parseLong(words[0]);
        long total = Long.parseLong(words[1]) * block;
        long free = Long.parseLong(words[2]) * block;
        return new Usage(
                false,
                total,
                total - free,
                Long.parseLong(words[3]) * block,
                Long.parseLong(words[4]),
                Long.parseLong(words[5]));
    }

    /** Forgets a volume that is gone from the node. */
    public void forget(String volumeId) {
        last.remove(volumeId);
    }
}
