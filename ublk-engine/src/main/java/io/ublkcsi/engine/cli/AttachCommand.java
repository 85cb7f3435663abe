package io.ublkcsi.engine.cli;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.AttachRequest;
import io.ublkcsi.proto.engine.v1.DataPath;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.Frontend;
import io.ublkcsi.proto.engine.v1.RecoveryPolicy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ublk-csi attach}. */
@Command(name = "attach", description = "Shows a volume as a block device, and prints the device.")
final class AttachCommand extends ClientCommand {
    @Parameters(paramLabel = "POOL/VOLUME", converter = VolumeArgument.Converter.class)
    private VolumeArgument volume;

    @Option(
            names = "--frontend",
            paramLabel = "KIND",
            defaultValue = "auto",
            converter = Choices.FrontendConverter.class,
            description = "Which kernel interface shows the volume: auto, ublk, vduse or tcmu (default:"
                    + " ${DEFAULT-VALUE}: the first that works on this node).")
    private Frontend frontend;

    @Option(
            names = "--data-path",
            paramLabel = "PATH",
            defaultValue = "auto",
            converter = Choices.DataPathConverter.class,
            description = "auto, plain-copy, user-copy, zero-copy-manual, zero-copy-auto or zero-copy-batch"
                    + " (default: ${DEFAULT-VALUE}).")
    private DataPath dataPath;

    @Option(names = "--queues", defaultValue = "0", description = "Queues (default: 1).")
    private int queues;

    @Option(names = "--depth", defaultValue = "0", description = "Requests a queue (default: 128).")
    private int depth;

    @Option(names = "--read-only", description = "Refuse writes.")
    private boolean readOnly;

    @Option(
            names = "--recovery",
            paramLabel = "POLICY",
            defaultValue = "wait",
            converter = Choices.RecoveryConverter.class,
            description = "While no engine serves the device its I/O waits, or fails: wait or fail (default:"
                    + " ${DEFAULT-VALUE}).")
    private RecoveryPolicy recovery;

    @Option(names = "--no-discard", description = "Offer no discard.")
    private boolean noDiscard;

    @Option(
            names = "--max-io",
            paramLabel = "BYTES",
            defaultValue = "0",
            converter = Choices.BytesConverter.class,
            description = "Largest request, such as 1Mi (default: the engine's).")
    private Long maxIoBytes;

    @Override
    void run(EngineClient client) {
        AttachOptions options = AttachOptions.newBuilder()
                .setFrontend(frontend)
                .setDataPath(dataPath)
                .setQueues(queues)
                .setDepth(depth)
                .setReadOnly(readOnly)
                .setRecovery(recovery)
                .setNoDiscard(noDiscard)
                .setMaxIoBytes(Math.toIntExact(Math.min(maxIoBytes, Integer.MAX_VALUE)))
                .build();
        Device device = client.engine()
                .attach(AttachRequest.newBuilder()
                        .setPool(volume.pool())
                        .setVolumeId(volume.id())
                        .setOptions(options)
                        .build())
                .getDevice();
        print(device, device::getPath);
    }
}
