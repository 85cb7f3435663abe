package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.ByteSize;
import io.ublkcsi.proto.engine.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.engine.v1.DeleteSnapshotRequest;
import io.ublkcsi.proto.engine.v1.ListSnapshotsRequest;
import io.ublkcsi.proto.engine.v1.ListSnapshotsResponse;
import io.ublkcsi.proto.engine.v1.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ublk-csi snapshot ...}. */
@Command(
        name = "snapshot",
        mixinStandardHelpOptions = true,
        description = "Makes, lists and deletes snapshots.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            SnapshotCommand.Create.class,
            SnapshotCommand.Delete.class,
            SnapshotCommand.ListAll.class,
        })
final class SnapshotCommand {
    private SnapshotCommand() {}

    static String text(List<Snapshot> snapshots) {
        Table table = new Table("SNAPSHOT", "OF", "STATE", "SIZE", "ALLOCATED", "CREATED", "PAUSE", "REASON");
        for (Snapshot snapshot : snapshots) {
            table.row(
                    snapshot.getPool() + "/" + snapshot.getSnapshotId(),
                    snapshot.getSourceVolumeId(),
                    state(snapshot),
                    ByteSize.print(snapshot.getSizeBytes()),
                    ByteSize.print(snapshot.getAllocatedBytes()),
                    Instant.ofEpochMilli(snapshot.getCreatedMs()),
                    TimeUnit.NANOSECONDS.toMicros(snapshot.getPauseNs()) + " us",
                    snapshot.getFailure());
        }
        return table.toString();
    }

    private static String state(Snapshot snapshot) {
        if (snapshot.getReady()) {
            return "ready";
        }
        return snapshot.getFailure().isEmpty() ? "creating " + snapshot.getProgressPercent() + "%" : "failed";
    }

    /** {@code snapshot create}. */
    @Command(name = "create", description = "Keeps a volume's content as it is now.")
    static final class Create extends ClientCommand {
        @Parameters(paramLabel = "POOL/SNAPSHOT", converter = VolumeArgument.Converter.class)
        private VolumeArgument snapshot;

        @Option(names = "--of", paramLabel = "VOLUME", required = true, description = "The volume, in the same pool.")
        private String volume;

        @Override
        void run(EngineClient client) {
            Snapshot made = client.pools()
                    .createSnapshot(CreateSnapshotRequest.newBuilder()
                            .setPool(snapshot.pool())
                            .setSnapshotId(snapshot.id())
                            .setSourceVolumeId(volume)
                            .build());
            print(made, () -> text(List.of(made)));
        }
    }

    /** {@code snapshot delete}. */
    @Command(name = "delete", description = "Deletes a snapshot; done at once when there is none.")
    static final class Delete extends ClientCommand {
        @Parameters(paramLabel = "POOL/SNAPSHOT", converter = VolumeArgument.Converter.class)
        private VolumeArgument snapshot;

        @Override
        void run(EngineClient client) {
            print(
                    client.pools()
                            .deleteSnapshot(DeleteSnapshotRequest.newBuilder()
                                    .setPool(snapshot.pool())
                                    .setSnapshotId(snapshot.id())
                                    .build()),
                    () -> "");
        }
    }

    /** {@code snapshot list}. */
    @Command(name = "list", description = "Lists a pool's snapshots.")
    static final class ListAll extends ClientCommand {
        @Parameters(paramLabel = "POOL")
        private String pool;

        @Override
        void run(EngineClient client) {
            ListSnapshotsResponse answer = client.pools()
                    .listSnapshots(
                            ListSnapshotsRequest.newBuilder().setPool(pool).build());
            print(answer, () -> text(answer.getSnapshotsList()));
        }
    }
}
