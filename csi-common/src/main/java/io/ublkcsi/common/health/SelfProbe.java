package io.ublkcsi.common.health;

import io.grpc.StatusRuntimeException;
import io.ublkcsi.common.rpc.Endpoint;
import io.ublkcsi.common.rpc.UnixChannel;
import io.ublkcsi.proto.csi.v1.IdentityGrpc;
import io.ublkcsi.proto.csi.v1.ProbeRequest;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asks the plugin over its own CSI socket, as its callers do. */
public final class SelfProbe implements HealthServer.Check, AutoCloseable {
    private static final int PATIENCE_SECONDS = 5;

    private final Endpoint endpoint;
    private final UnixChannel channel;

    public SelfProbe(Endpoint endpoint) {
        this.endpoint = endpoint;
        this.channel = new UnixChannel(endpoint);
    }

    @Override
    public List<String> complaints() {
        try {
            var _ = IdentityGrpc.newBlockingStub(channel.channel())
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .probe(ProbeRequest.getDefaultInstance());
            return List.of();
        } catch (StatusRuntimeException silent) {
            return List.of("no answer at " + endpoint + ": " + silent.getStatus());
        }
    }

    @Override
    public void close() {
        channel.close();
    }
}
