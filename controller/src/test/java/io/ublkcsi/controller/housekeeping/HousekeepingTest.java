package io.ublkcsi.controller.housekeeping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.ublkcsi.common.kubernetes.KubernetesVolumeStore;
import io.ublkcsi.common.kubernetes.event.Events;
import io.ublkcsi.common.kubernetes.fake.FakeApiServer;
import io.ublkcsi.common.kubernetes.fake.FakeApiServer.Target;
import io.ublkcsi.common.store.PlainVolume;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.controller.node.ClusterNodes;
import io.ublkcsi.controller.node.Nodes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HousekeepingTest {
    private static final String DRIVER = "local.ublk-csi.io";
    private static final Duration LIMIT = Duration.ofMinutes(2);
    /** Shorter than a Lease. */
    private static final Duration SOON = Duration.ofSeconds(10);

    private static final Duration MOMENT = Duration.ofMillis(1);

    private final FakeApiServer server = new FakeApiServer();
    private final KubernetesClient client = server.client();
    private final KubernetesVolumeStore store = new KubernetesVolumeStore(client, null, Clock.systemUTC());
    private final Events events = new Events(client, "test", "");

    @AfterEach
    void end() {
        store.close();
        client.close();
        server.close();
    }

    private void volume(String id, boolean owned) {
        store.volumes().add(PlainVolume.of(id, 1 << 30, owned));
    }

    private void owner(String id) {
        server.storage()
                .put(
                        Target.of("v1", "persistentvolumes", id),
                        "{'kind': 'PersistentVolume', 'apiVersion': 'v1',"
                                + " 'spec': {'csi': {'driver': '" + DRIVER + "', 'volumeHandle': '" + id
                                + "'}, 'claimRef':"
                                + " {'namespace': 'shop', 'name': 'claim-" + id + "', 'uid': 'uid-" + id + "'}}}");
    }

    private Target claim(String id) {
        return new Target("v1", "shop", "persistentvolumeclaims", "claim-" + id, "");
    }

    private ClusterView view() {
        return ClusterView.of(client, store, DRIVER);
    }

    private List<String> reasons() {
        return server.storage().all(Target.of("v1", "events", "")).stream()
                .map(event -> event.at("/involvedObject/kind").asText() + " "
                        + event.at("/involvedObject/name").asText() + " "
                        + event.path("reason").asText())
                .toList();
    }

    private Orphans orphans(Duration grace) {
        return new Orphans(store, events, grace, MOMENT, new PrometheusRegistry());
    }

    private void lookTwice(Chores.Chore chore) throws InterruptedException {
        chore.run(view());
        Thread.sleep(20);
        chore.run(view());
    }

    @Test
    void aVolumeThatNeverHadAnOwnerIsRemovedAfterItsGrace() throws InterruptedException {
        volume("left", false);
        lookTwice(orphans(MOMENT));
        assertThat(reasons()).contains("UblkVolume left NoPersistentVolume");
        assertThat(store.volumes().get("left").orElseThrow().spec().deleting()).isTrue();
    }

    @Test
    void withoutAGraceTimeItIsShownAndStays() throws InterruptedException {
        volume("left", false);
        lookTwice(orphans(Duration.ZERO));
        assertThat(reasons()).contains("UblkVolume left NoPersistentVolume");
        assertThat(store.volumes().get("left").orElseThrow().spec().deleting()).isFalse();
    }

    @Test
    void aVolumeWithAnOwnerIsMarkedAndWhatWasRetainedStays() throws InterruptedException {
        volume("kept", false);
        owner("kept");
        Orphans orphans = orphans(MOMENT);
        lookTwice(orphans);
        assertThat(store.volumes().get("kept").orElseThrow().spec().owned()).isTrue();
        server.storage().delete(Target.of("v1", "persistentvolumes", "kept"));
        lookTwice(orphans);
        assertThat(store.volumes().get("kept").orElseThrow().spec().deleting()).isFalse();
        assertThat(reasons()).containsExactly("UblkVolume kept PersistentVolumeGone");
    }

    @Test
    void aPersistentVolumeWithoutARecordIsToldOnItsClaim() throws InterruptedException {
        owner("lost");
        lookTwice(orphans(MOMENT));
        assertThat(reasons()).containsExactly("PersistentVolumeClaim claim-lost VolumeRecordMissing");
        ObjectNode event = server.storage().all(Target.of("v1", "events", "")).getFirst();
        assertThat(event.at("/involvedObject/uid").asText()).isEqualTo("uid-lost");
        assertThat(event.at("/metadata/namespace").asText()).isEqualTo("shop");
    }

    @Test
    void theClaimsOfANodeThatIsGoneForGoodAreReleased() throws InterruptedException {
        volume("a", true);
        owner("a");
        server.storage().put(claim("a"), "{'kind': 'PersistentVolumeClaim', 'apiVersion': 'v1'}");
        ObjectNode claim = server.storage().find(claim("a")).orElseThrow();
        server.storage()
                .put(
                        Target.of("v1", "persistentvolumes", "a"),
                        server.storage()
                                .find(Target.of("v1", "persistentvolumes", "a"))
                                .orElseThrow()
                                .toString()
                                .replace("uid-a", claim.at("/metadata/uid").asText()));
        server.storage().put(Target.of("v1", "nodes", "node-1"), "{'kind': 'Node', 'apiVersion': 'v1', 'spec': {}}");
        try (ClusterNodes nodes = new ClusterNodes(client, MOMENT)) {
            DeletedNodes chore = new DeletedNodes(client, store, nodes, events);
            await().atMost(LIMIT).until(() -> nodes.isSynced());
            lookTwice(chore);
            assertThat(server.storage().find(claim("a"))).isPresent();
            server.storage().delete(Target.of("v1", "nodes", "node-1"));
            await().atMost(LIMIT).until(() -> nodes.of("node-1") == Nodes.Standing.GONE);
            lookTwice(chore);
            assertThat(server.storage().find(claim("a"))).isEmpty();
            assertThat(reasons()).containsExactly("PersistentVolumeClaim claim-a NodeDeleted");
        }
    }

    @Test
    void whoUninstallsIsToldWhatThereStillIs() {
        assertThat(Farewell.of(view()).lines()).containsExactly("No PersistentVolume uses the driver.");
        volume("idle", true);
        owner("idle");
        assertThat(Farewell.of(view()).inUse()).isFalse();
        volume("busy", true);
        owner("busy");
        store.volumes()
                .report(
                        "busy",
                        status -> status.withDevice(true, true).withPod(new VolumeStatus.Pod("shop", "cart-0", "uid")));
        Farewell farewell = Farewell.of(view());
        assertThat(farewell.inUse()).isTrue();
        assertThat(farewell.lines())
                .contains(
                        "  busy, claim shop/claim-busy, node node-1, pod shop/cart-0", "  idle, claim shop/claim-idle");
    }

    @Test
    void aTaintSaysThatANodeIsOutOfService() {
        server.storage()
                .put(
                        Target.of("v1", "nodes", "node-1"),
                        "{'kind': 'Node', 'apiVersion': 'v1', 'spec': {'taints': [{'key':"
                                + " 'node.kubernetes.io/out-of-service', 'effect': 'NoExecute'}]}}");
        try (ClusterNodes nodes = new ClusterNodes(client, Duration.ZERO)) {
            await().atMost(LIMIT).until(nodes::isSynced);
            await().atMost(LIMIT).until(() -> nodes.of("node-1") == Nodes.Standing.OUT_OF_SERVICE);
            assertThat(nodes.of("node-2")).isEqualTo(Nodes.Standing.GONE);
            assertThat(nodes.isReleased("node-2")).isFalse();
        }
    }

    @Test
    void aPodThatWaitsForItsVolumesNodeIsToldWhy() {
        volume("a", true);
        owner("a");
        server.storage()
                .put(
                        Target.of("v1", "nodes", "node-1"),
                        "{'kind': 'Node', 'apiVersion': 'v1', 'spec': {'unschedulable': true}}");
        server.storage()
                .put(
                        new Target("v1", "shop", "pods", "cart-0", ""),
                        "{'kind': 'Pod', 'apiVersion': 'v1', 'spec': {'volumes': [{"
                                + "'name': 'data', 'persistentVolumeClaim': {'claimName': 'claim-a'}}]}, 'status':"
                                + " {'conditions': [{"
                                + "'type': 'PodScheduled', 'status': 'False', 'reason': 'Unschedulable'}]}}");
        try (ClusterNodes nodes = new ClusterNodes(client, Duration.ZERO)) {
            await().atMost(LIMIT).until(() -> nodes.find("node-1").isPresent());
            new WaitingPods(client, nodes, events).run(view());
        }
        ObjectNode event = server.storage().all(Target.of("v1", "events", "")).getFirst();
        assertThat(event.at("/involvedObject/name").asText()).isEqualTo("cart-0");
        assertThat(event.path("message").asText())
                .contains("volume data is on node node-1")
                .contains("kubectl uncordon node-1");
    }

    @Test
    void oneOfTwoControllersLeadsAndTheOtherTakesOver() throws InterruptedException {
        try (Leadership second = leadAfter()) {
            await().atMost(LIMIT).until(second::getAsBoolean);
        }
    }

    /** A second candidate, after the first had led alone and left. */
    private Leadership leadAfter() throws InterruptedException {
        Leadership second;
        Instant began = Instant.now();
        try (Leadership first = new Leadership(client, "ublk-csi", "one")) {
            await().atMost(LIMIT).until(first::getAsBoolean);
            second = new Leadership(client, "ublk-csi", "two");
            Thread.sleep(300);
            boolean taken = second.getAsBoolean();
            // On a machine that stood still for longer, the Lease may have run out.
            assertThat(taken && Instant.now().isBefore(began.plus(SOON))).isFalse();
        }
        return second;
    }
}
