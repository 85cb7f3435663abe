package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.ByteSize;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.DeleteVolumeRequest;
import io.ublkcsi.proto.engine.v1.GetVolumeRequest;
import io.ublkcsi.proto.engine.v1.GrowVolumeRequest;
import io.ublkcsi.proto.engine.v1.ListVolumesRequest;
import io.ublkcsi.proto.engine.v1.ListVolumesResponse;
import io.ublkcsi.proto.engine.v1.Provisioning;
import io.ublkcsi.proto.engine.v1.Source;
import io.ublkcsi.proto.engine.v1.Volume;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ublk-csi volume ...}. */
@Command(
        name = "volume",
        mixinStandardHelpOptions = true,
        description = "Makes, grows, lists and deletes volumes.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            VolumeCommand.Create.class,
            VolumeCommand.Delete.class,
            VolumeCommand.Grow.class,
            VolumeCommand.Show.class,
            VolumeCommand.ListAll.class,
        })
final class VolumeCommand {
    private VolumeCommand() {}

    static String text(List<Volume> volumes) {
        Table table = new Table(
                "VOLUME",
                "STATE",
                "SIZE",
                "ALLOCATED",
                "PROVISIONING",
                "BLOCK",
                "FORMATTED",
                "FROM",
                "CREATED",
                "REASON");
        for (Volume volume : volumes) {
            String state = MessageJson.shortName(volume.getState().getValueDescriptor());
            table.row(
                    volume.getPool() + "/" + volume.getVolumeId(),
                    state.equals("creating") ? state + " " + volume.getProgressPercent() + "%" : state,
                    ByteSize.print(volume.getSizeBytes()),
                    ByteSize.print(volume.getAllocatedBytes()),
                    MessageJson.shortName(volume.getProvisioning().getValueDescriptor()),
                    volume.getLogicalBlockBytes(),
                    volume.getFormatted() ? "yes" : "no",
                    origin(volume.getSource()),
                    Instant.ofEpochMilli(volume.getCreatedMs()),
                    volume.getReason());
        }
        return table.toString();
    }

    private static String origin(Source source) {
        return switch (source.getKindCase()) {
            case SNAPSHOT_ID -> "snapshot " + source.getSnapshotId();
            case VOLUME_ID -> "volume " + source.getVolumeId();
            case KIND_NOT_SET -> "";
        };
    }

    /** {@code volume create}. */
    @Command(name = "create", description = "Makes a volume, empty or from a snapshot or another volume.")
    static final class Create extends ClientCommand {
        @Parameters(paramLabel = "POOL/VOLUME", converter = VolumeArgument.Converter.class)
        private VolumeArgument volume;

        @Option(
                names = "--size",
                paramLabel = "BYTES",
                defaultValue = "0",
                converter = Choices.BytesConverter.class,
                description = "Such as 10Gi; can be left out with a source.")
        private Long sizeBytes;

        @Option(
                names = "--provisioning",
                defaultValue = "thin",
                converter = Choices.ProvisioningConverter.class,
                description = "thin or preallocated (default: ${DEFAULT-VALUE}).")
        private Provisioning provisioning;

        @Option(
                names = "--block",
                paramLabel = "BYTES",
                defaultValue = "0",
                converter = Choices.BytesConverter.class,
                description = "Logical block, 512 or 4096 (default: the smallest that the pool takes).")
        private Long blockBytes;

        @ArgGroup
        private @Nullable From from;

        /** At most one of these. */
        static final class From {
            @Option(names = "--from-snapshot", paramLabel = "ID", description = "A snapshot in the same pool.")
            private @Nullable String snapshot;

            @Option(names = "--from-volume", paramLabel = "ID", description = "A volume in the same pool.")
            private @Nullable String volume;

            Source source() {
                return snapshot != null
                        ? Source.newBuilder().setSnapshotId(snapshot).build()
                        : Source.newBuilder()
                                .setVolumeId(Objects.requireNonNull(volume))
                                .build();
            }
        }

        @Override
        void run(EngineClient client) {
            CreateVolumeRequest.Builder request = CreateVolumeRequest.newBuilder()
                    .setPool(volume.pool())
                    .setVolumeId(volume.id())
                    .setSizeBytes(sizeBytes)
                    .setProvisioning(provisioning)
                    .setLogicalBlockBytes(Math.toIntExact(Math.min(blockBytes, Integer.MAX_VALUE)));
            if (from != null) {
                request.setSource(from.source());
            }
            Volume made = client.pools().createVolume(request.build());
            print(made, () -> text(List.of(made)));
        }
    }

    /** {@code volume delete}. */
    @Command(name = "delete", description = "Deletes a volume and its data; done at once when there is none.")
    static final class Delete extends ClientCommand {
        @Parameters(paramLabel = "POOL/VOLUME", converter = VolumeArgument.Converter.class)
        private VolumeArgument volume;

        @Override
        void run(EngineClient client) {
            print(
                    client.pools()
                            .deleteVolume(DeleteVolumeRequest.newBuilder()
                                    .setPool(volume.pool())
                                    .setVolumeId(volume.id())
                                    .build()),
                    () -> "");
        }
    }

    /** {@code volume grow}. */
    @Command(name = "grow", description = "Grows a volume; an attached device follows with 'ublk-csi resize'.")
    static final class Grow extends ClientCommand {
        @Parameters(paramLabel = "POOL/VOLUME", converter = VolumeArgument.Converter.class)
        private VolumeArgument volume;

        @Option(
                names = "--size",
                paramLabel = "BYTES",
                required = true,
                converter = Choices.BytesConverter.class,
                description = "The new size, such as 20Gi; volumes never shrink.")
        private Long sizeBytes;

        @Override
        void run(EngineClient client) {
            Volume grown = client.pools()
                    .growVolume(GrowVolumeRequest.newBuilder()
                            .setPool(volume.pool())
                            .setVolumeId(volume.id())
                            .setSizeBytes(sizeBytes)
                            .build());
            print(grown, () -> text(List.of(grown)));
        }
    }

    /** {@code volume show}. */
    @Command(name = "show", description = "Shows one volume.")
    static final class Show extends ClientCommand {
        @Parameters(paramLabel = "POOL/VOLUME", converter = VolumeArgument.Converter.class)
        private VolumeArgument volume;

        @Override
        void run(EngineClient client) {
            Volume found = client.pools()
                    .getVolume(GetVolumeRequest.newBuilder()
                            .setPool(volume.pool())
                            .setVolumeId(volume.id())
                            .build());
            print(found, () -> text(List.of(found)));
        }
    }

    /** {@code volume list}. */
    @Command(name = "list", description = "Lists a pool's volumes.")
    static final class ListAll extends ClientCommand {
        @Parameters(paramLabel = "POOL")
        private String pool;

        @Override
        void run(EngineClient client) {
            ListVolumesResponse answer = client.pools()
                    .listVolumes(ListVolumesRequest.newBuilder().setPool(pool).build());
            print(answer, () -> text(answer.getVolumesList()));
        }
    }
}
