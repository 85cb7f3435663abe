package io.ublkcsi.node.mount;

import io.ublkcsi.common.crash.CrashPoints;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.holder.Holders;
import io.ublkcsi.node.process.Commands;
import io.ublkcsi.node.process.Commands.Result;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Mounts and unmounts, and looks at mountinfo afterwards: what a command says is not what counts. */
public final class Mounter {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** More than anyone mounts over each other on purpose. */
    private static final int MAX_LAYERS = 32;

    private final Commands commands;
    private final Supplier<MountTable> table;
    private final Holders holders;

    public Mounter(Commands commands, Supplier<MountTable> table, Holders holders) {
        this.commands = commands;
        this.table = table;
        this.holders = holders;
    }

    public MountTable table() {
        return table.get();
    }

    /** Mounts a file system. */
    public void mount(String volume, String type, Path device, Path point, List<String> options, Deadline deadline) {
        List<String> command = new ArrayList<>(List.of("mount", "-n", "-t", type));
        if (!options.isEmpty()) {
            command.addAll(List.of("-o", String.join(",", options)));
        }
        command.addAll(List.of(device.toString(), point.toString()));
        run(volume, command, point, deadline);
        CrashPoints.reach("mount.after-mount");
    }

    /** Makes what is at {@code source}, a folder or a device node, appear at {@code target}, too. */
    public void bind(String volume, Path source, Path target, Deadline deadline) {
        run(volume, List.of("mount", "-n", "--bind", source.toString(), target.toString()), target, deadline);
        CrashPoints.reach("mount.after-bind");
    }

    /** Makes one mount read-only, and leaves the others of the same file system as they are. */
    public void makeReadOnly(String volume, Path point, Deadline deadline) {
        Result result = commands.run(
                volume, List.of("mount", "-n", "-o", "remount,bind,ro", point.toString()), deadline.atMost(LIMIT));
        if (!result.ok()) {
            throw new CsiFault.Internal("can't make " + point + " read-only: " + result.output());
        }
        CrashPoints.reach("mount.after-read-only");
    }

    /**
     * Unmounts everything at a path, however many times it was mounted over.
     *
     * @throws CsiFault.Precondition while someone uses it; the message names whom
     */
    public void unmount(String volume, Path point, Deadline deadline) {
        for (int layer = 0; layer < MAX_LAYERS; layer++) {
            var mounted = table.get().at(point);
            if (mounted.isEmpty()) {
                return;
            }
            Result result = commands.run(
                    volume, List.of("umount", "-n", "--no-canonicalize", point.toString()), deadline.atMost(LIMIT));
            CrashPoints.reach("mount.after-unmount");
            if (!result.ok() && table.get().at(point).isPresent()) {
                throw new CsiFault.Precondition("can't unmount " + point + ": " + result.output() + "; held by "
                        + holders.ofMount(mounted.get()));
            }
        }
        throw new CsiFault.Internal(point + " is still mounted after " + MAX_LAYERS + " unmounts");
    }

    private void run(String volume, List<String> command, Path point, Deadline deadline) {
        Result result = commands.run(volume, command, deadline.atMost(LIMIT));
        if (!result.ok()) {
            throw new CsiFault.Internal("'" + String.join(" ", command) + "' failed with exit code " + result.exitCode()
                    + ": " + result.output());
        }
        if (table.get().at(point).isEmpty()) {
            throw new CsiFault.Internal(
                    "'" + String.join(" ", command) + "' reported success, but mountinfo does not show " + point);
        }
    }
}
