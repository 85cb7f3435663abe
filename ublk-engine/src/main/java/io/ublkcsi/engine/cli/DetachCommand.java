package io.ublkcsi.engine.cli;

import io.ublkcsi.proto.engine.v1.DetachRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ublk-csi detach}. */
@Command(name = "detach", description = "Ends a volume's device; done at once when there is none.")
final class DetachCommand extends ClientCommand {
    @Parameters(paramLabel = "POOL/VOLUME", converter = VolumeArgument.Converter.class)
    private VolumeArgument volume;

    @Option(names = "--force", description = "Although it is in use: its user's I/O fails.")
    private boolean force;

    @Override
    void run(EngineClient client) {
        print(
                client.engine()
                        .detach(DetachRequest.newBuilder()
                                .setPool(volume.pool())
                                .setVolumeId(volume.id())
                                .setForce(force)
                                .build()),
                () -> "");
    }
}
