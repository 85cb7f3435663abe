package io.ublkcsi.node.registration;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.identity.SpecLevel;
import io.ublkcsi.common.rpc.Endpoint;
import io.ublkcsi.common.rpc.UnixChannel;
import io.ublkcsi.proto.pluginregistration.v1.InfoRequest;
import io.ublkcsi.proto.pluginregistration.v1.PluginInfo;
import io.ublkcsi.proto.pluginregistration.v1.RegistrationGrpc;
import io.ublkcsi.proto.pluginregistration.v1.RegistrationStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a kubelet that calls as the real one does. */
final class RegistrationTest {
    private static final Driver DRIVER = Driver.local(SpecLevel.V1_12);

    @TempDir
    Path kubelet;

    private Path socket() {
        return kubelet.resolve("plugins_registry/local.ublk-csi.io-reg.sock");
    }

    private RegistrationGrpc.RegistrationBlockingStub stub(UnixChannel channel) {
        return RegistrationGrpc.newBlockingStub(channel.channel())
                .withWaitForReady()
                .withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    @Test
    void theKubeletLearnsWhereTheDriverIsAndSaysWhatBecameOfIt() throws IOException {
        Files.createDirectories(socket().getParent());
        Files.createFile(socket().resolveSibling("another.driver-reg.sock"));
        Endpoint csi = new Endpoint(Path.of("/var/lib/kubelet/plugins/local.ublk-csi.io/csi.sock"));
        try (Registration registration = Registration.start(kubelet, DRIVER, csi);
                UnixChannel channel = new UnixChannel(new Endpoint(socket()))) {
            assertThat(registration.complaints()).hasSize(1);
            assertThat(RegistrationGrpc.getGetInfoMethod().getFullMethodName())
                    .isEqualTo("pluginregistration.Registration/GetInfo");
            assertThat(stub(channel).getInfo(InfoRequest.getDefaultInstance()))
                    .isEqualTo(PluginInfo.newBuilder()
                            .setType("CSIPlugin")
                            .setName("local.ublk-csi.io")
                            .setEndpoint("/var/lib/kubelet/plugins/local.ublk-csi.io/csi.sock")
                            .addSupportedVersions("1.0.0")
                            .build());
            var _ = stub(channel)
                    .notifyRegistrationStatus(
                            RegistrationStatus.newBuilder().setError("not now").build());
            assertThat(registration.complaints()).singleElement().asString().contains("not now");
            var _ = stub(channel)
                    .notifyRegistrationStatus(RegistrationStatus.newBuilder()
                            .setPluginRegistered(true)
                            .build());
            assertThat(registration.complaints()).isEmpty();
        }
    }

    @Test
    void theSocketStaysForTheSuccessorWhoMakesItAnew() throws IOException {
        Files.createDirectories(socket().getParent());
        Endpoint csi = new Endpoint(Path.of("/csi.sock"));
        Registration.start(kubelet, DRIVER, csi).close();
        assertThat(socket()).exists();
        try (Registration successor = Registration.start(kubelet, DRIVER, csi);
                UnixChannel channel = new UnixChannel(new Endpoint(socket()))) {
            assertThat(stub(channel).getInfo(InfoRequest.getDefaultInstance()).getName())
                    .isEqualTo("local.ublk-csi.io");
            assertThat(successor.complaints()).hasSize(1);
        }
    }
}
