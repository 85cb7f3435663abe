package io.ublkcsi.node.taint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.ublkcsi.common.kubernetes.fake.FakeApiServer;
import io.ublkcsi.common.kubernetes.fake.FakeApiServer.Target;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class StartupTaintTest {
    private static final String DRIVER = "local.ublk-csi.io";
    private static final String KEY = "local.ublk-csi.io/not-ready";
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Target NODE = Target.of("v1", "nodes", "node-1");
    private static final Target CSI_NODE = Target.of("storage.k8s.io/v1", "csinodes", "node-1");

    private final FakeApiServer server = new FakeApiServer();
    private final KubernetesClient client = server.client();

    @AfterEach
    void end() {
        client.close();
        server.close();
    }

    private void csiNode(String drivers) {
        server.storage()
                .put(
                        CSI_NODE,
                        "{'kind': 'CSINode', 'apiVersion': 'storage.k8s.io/v1', 'spec': {'drivers': [" + drivers
                                + "]}}");
    }

    private String taints() {
        return server.storage().find(NODE).orElseThrow().at("/spec/taints").toString();
    }

    @Test
    void theTaintGoesOnceTheDriverIsListedAndOthersStay() {
        server.storage()
                .put(
                        NODE,
                        "{'kind': 'Node', 'apiVersion': 'v1', 'spec': {'taints': [{'key': 'other', 'effect':"
                                + " 'NoSchedule'}, {'key': '" + KEY + "', 'effect': 'NoExecute'}]}}");
        server.storage()
                .put(CSI_NODE, "{'kind': 'CSINode', 'apiVersion': 'storage.k8s.io/v1', 'spec': {'drivers': null}}");
        try (var _ = new StartupTaint(client, "node-1", DRIVER, KEY)) {
            await().atMost(LIMIT).during(Duration.ofMillis(300)).until(() -> taints().contains(KEY));
            csiNode("{'name': 'another.driver', 'nodeID': 'node-1'}");
            await().atMost(LIMIT).during(Duration.ofMillis(300)).until(() -> taints().contains(KEY));
            csiNode("{'name': '" + DRIVER + "', 'nodeID': 'node-1'}");
            await().atMost(LIMIT).until(() -> !taints().contains(KEY));
            assertThat(taints()).contains("other");
        }
    }
}
