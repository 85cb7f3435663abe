package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.ByteSize;
import io.ublkcsi.proto.engine.v1.GrowVolumeRequest;
import io.ublkcsi.proto.engine.v1.ResizeRequest;
import io.ublkcsi.proto.engine.v1.ResizeResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ublk-csi resize}. */
@Command(
        name = "resize",
        description =
                "Grows an attached volume and its live device; without --size, brings the device to its volume's size.")
final class ResizeCommand extends ClientCommand {
    @Parameters(paramLabel = "POOL/VOLUME", converter = VolumeArgument.Converter.class)
    private VolumeArgument volume;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "0",
            converter = Choices.BytesConverter.class,
            description = "The new size, such as 20Gi.")
    private Long sizeBytes;

    @Override
    void run(EngineClient client) {
        if (sizeBytes > 0) {
            client.pools()
                    .growVolume(GrowVolumeRequest.newBuilder()
                            .setPool(volume.pool())
                            .setVolumeId(volume.id())
                            .setSizeBytes(sizeBytes)
                            .build());
        }
        ResizeResponse answer = client.engine()
                .resize(ResizeRequest.newBuilder()
                        .setPool(volume.pool())
                        .setVolumeId(volume.id())
                        .build());
        print(answer, () -> volume + " has " + ByteSize.print(answer.getSizeBytes()));
    }
}
