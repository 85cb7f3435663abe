package io.ublkcsi.node.registration;

import io.grpc.stub.StreamObserver;
import io.ublkcsi.common.health.HealthServer;
import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.rpc.Answer;
import io.ublkcsi.common.rpc.Endpoint;
import io.ublkcsi.common.rpc.UnixServer;
import io.ublkcsi.proto.pluginregistration.v1.InfoRequest;
import io.ublkcsi.proto.pluginregistration.v1.PluginInfo;
import io.ublkcsi.proto.pluginregistration.v1.RegistrationGrpc;
import io.ublkcsi.proto.pluginregistration.v1.RegistrationStatus;
import io.ublkcsi.proto.pluginregistration.v1.RegistrationStatusResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the driver with the kubelet: a socket in its plugins_registry folder, at which the kubelet asks what is
 * there, and says what became of it.
 */
public final class Registration implements HealthServer.Check, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);

    private final Endpoint socket;
    private final PluginInfo info;
    private final UnixServer server;
    /** Empty: registered. */
    private volatile String pending;

    /**
     * Starts to wait for the kubelet, which looks at the folder at its start and whenever something appears there.
     *
     * @param kubeletFolder such as {@code /var/lib/kubelet}, under the same path here and on the host
     * @param csi where the driver serves already
     */
    public static Registration start(Path kubeletFolder, Driver driver, Endpoint csi) throws IOException {
        Path socket = kubeletFolder.resolve("plugins_registry").resolve(driver.name() + "-reg.sock");
        return new Registration(new Endpoint(socket), driver, csi);
    }

    private Registration(Endpoint socket, Driver driver, Endpoint csi) throws IOException {
        this.socket = socket;
        this.info = PluginInfo.newBuilder()
                .setType("CSIPlugin")
                .setName(driver.name())
                .setEndpoint(csi.socket().toString())
                .addSupportedVersions("1.0.0")
                .build();
        this.pending = "the kubelet did not call at " + socket
                + " yet; does it run, and is its folder the one of --kubelet-dir?";
        this.server = UnixServer.startAmongOthers(socket, List.of(new Service()));
    }

    @Override
    public List<String> complaints() {
        String now = pending;
        return now.isEmpty() ? List.of() : List.of(now);
    }

    @Override
    public void close() {
        server.close();
    }

    /** What the kubelet calls. */
    private final class Service extends RegistrationGrpc.RegistrationImplBase {
        @Override
        public void getInfo(InfoRequest request, StreamObserver<PluginInfo> answer) {
            Answer.with(answer, info);
        }

        @Override
        public void notifyRegistrationStatus(
                RegistrationStatus status, StreamObserver<RegistrationStatusResponse> answer) {
            if (status.getPluginRegistered()) {
                LOG.info("the kubelet registered {} at {}", info.getName(), socket);
                pending = "";
            } else {
                LOG.warn("the kubelet refused {}: {}", info.getName(), status.getError());
                pending = "the kubelet refused to register " + info.getName() + ", and will try again: "
                        + status.getError();
            }
            Answer.with(answer, RegistrationStatusResponse.getDefaultInstance());
        }
    }
}
