package io.ublkcsi.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.stub.StreamObserver;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.rpc.Answer;
import io.ublkcsi.common.rpc.Endpoint;
import io.ublkcsi.common.rpc.UnixChannel;
import io.ublkcsi.common.rpc.UnixServer;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.proto.engine.v1.EngineGrpc;
import io.ublkcsi.proto.engine.v1.HandshakeRequest;
import io.ublkcsi.proto.engine.v1.HandshakeResponse;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import io.ublkcsi.proto.engine.v1.ListDevicesResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine that is away for a while, as it is when another takes over. */
final class EngineClientTest {
    @TempDir
    Path folder;

    private UnixServer engine(EngineGrpc.EngineImplBase service) throws IOException {
        return UnixServer.start(new Endpoint(folder.resolve("engine.sock")), List.of(service));
    }

    /** Greets, and then answers or never does. */
    private static final class Engine extends EngineGrpc.EngineImplBase {
        private final boolean answers;
        private final CountDownLatch asked = new CountDownLatch(1);

        Engine(boolean answers) {
            this.answers = answers;
        }

        @Override
        public void handshake(HandshakeRequest request, StreamObserver<HandshakeResponse> answer) {
            Answer.with(answer, HandshakeResponse.newBuilder().setRevision(1).build());
        }

        @Override
        public void listDevices(ListDevicesRequest request, StreamObserver<ListDevicesResponse> answer) {
            asked.countDown();
            if (answers) {
                Answer.with(answer, ListDevicesResponse.getDefaultInstance());
            }
        }
    }

    @Test
    void aCallThatWasCutOffIsMadeAgainAtTheSuccessor() throws Exception {
        Engine dying = new Engine(false);
        UnixServer first = engine(dying);
        try (UnixChannel channel = new UnixChannel(new Endpoint(folder.resolve("engine.sock")))) {
            EngineClient client = new EngineClient(channel.channel());
            CompletableFuture<Integer> call = CompletableFuture.supplyAsync(
                    () -> client.devices(Deadline.in(Duration.ofMinutes(2))).size());
            dying.asked.await();
            first.kill();
            try (UnixServer _ = engine(new Engine(true))) {
                assertThat(call.get()).isZero();
            }
        }
    }

    @Test
    void anEngineThatStaysAwayIsWaitedForNoLongerThanAllowed() {
        try (UnixChannel channel = new UnixChannel(new Endpoint(folder.resolve("engine.sock")))) {
            EngineClient client = new EngineClient(channel.channel());
            assertThatThrownBy(() -> client.devices(Deadline.in(Duration.ofMillis(300))))
                    .isInstanceOfAny(CsiFault.Timeout.class, CsiFault.Unavailable.class)
                    .hasMessageContaining("engine");
        }
    }
}
