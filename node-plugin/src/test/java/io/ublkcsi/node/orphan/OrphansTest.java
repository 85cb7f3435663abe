package io.ublkcsi.node.orphan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.ublkcsi.common.announce.Announcer;
import io.ublkcsi.common.kubernetes.fake.FakeApiServer;
import io.ublkcsi.common.kubernetes.fake.FakeApiServer.Target;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.FileVolumeStore;
import io.ublkcsi.common.store.PlainVolume;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.fake.FakeEngine;
import io.ublkcsi.node.fake.FakeHost;
import io.ublkcsi.node.fake.FakePools;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OrphansTest {
    private static final Duration GRACE = Duration.ofMillis(1);

    @TempDir
    Path folder;

    private final FakeApiServer api = new FakeApiServer();
    private final KubernetesClient client = api.client();
    private final FakeHost host = new FakeHost();
    private final FakePools pools = new FakePools(host);
    private final List<String> said = new ArrayList<>();
    private Server server;
    private ManagedChannel channel;
    private EngineClient engine;
    private FileVolumeStore store;
    private Made made;

    @BeforeEach
    void start() throws IOException {
        server = InProcessServerBuilder.forName("orphans-" + folder)
                .addService(pools)
                .addService(new FakeEngine(pools, host))
                .build()
                .start();
        channel = InProcessChannelBuilder.forName("orphans-" + folder).build();
        engine = new EngineClient(channel);
        store = FileVolumeStore.open(folder.resolve("store"));
        made = new Made(folder.resolve("made"), "cluster-1");
    }

    @AfterEach
    void end() {
        channel.shutdownNow();
        server.shutdownNow();
        store.close();
        client.close();
        api.close();
    }

    private void make(String id) {
        var _ = engine.createVolume(
                CreateVolumeRequest.newBuilder()
                        .setPool("default")
                        .setVolumeId(id)
                        .setSizeBytes(1 << 20)
                        .build(),
                Deadline.in(Duration.ofSeconds(20)));
    }

    private void record(String id) {
        store.volumes().add(PlainVolume.of(id, 1 << 20));
    }

    private void lookTwice(Duration grace) throws InterruptedException {
        Announcer listener = new Announcer() {
            @Override
            public void aboutVolume(
                    Entry<VolumeSpec, VolumeStatus> volume, Weight weight, String reason, String message) {
                said.add(reason);
            }

            @Override
            public void aboutNode(String node, Weight weight, String reason, String message) {
                said.add(reason);
            }
        };
        try (Orphans orphans = new Orphans(
                new Orphans.Surroundings(client, store, engine, made, "node-1"),
                listener,
                grace,
                new PrometheusRegistry())) {
            orphans.look();
            Thread.sleep(GRACE.toMillis() + 1);
            orphans.look();
        }
    }

    @Test
    void whatIsRecordedOrWasNotMadeByUsStays() throws InterruptedException, IOException {
        make("recorded");
        made.begin("recorded");
        record("recorded");
        make("by-hand");
        make("another-clusters");
        new Made(folder.resolve("made"), "cluster-2").begin("another-clusters");
        lookTwice(GRACE);
        assertThat(pools.count()).isEqualTo(3);
        assertThat(said).isEmpty();
    }

    @Test
    void anOrphanIsShownAndRemovedAfterItsGrace() throws InterruptedException {
        make("left");
        made.begin("left");
        lookTwice(GRACE);
        assertThat(pools.volume("left")).isEmpty();
        assertThat(said).containsExactly("Orphan", "OrphanRemoved");
        assertThat(made.isOurs("left")).isFalse();
    }

    @Test
    void withoutAGraceTimeItIsShownAndStays() throws InterruptedException {
        make("left");
        made.begin("left");
        lookTwice(Duration.ZERO);
        assertThat(pools.volume("left")).isPresent();
        assertThat(said).containsOnly("Orphan");
    }

    @Test
    void whatAPersistentVolumeNamesIsNeverRemoved() throws InterruptedException {
        make("left");
        made.begin("left");
        api.storage()
                .put(
                        Target.of("v1", "persistentvolumes", "any-name"),
                        "{'kind': 'PersistentVolume', 'apiVersion': 'v1',"
                                + " 'spec': {'csi': {'driver': 'local.ublk-csi.io', 'volumeHandle': 'left'}}}");
        lookTwice(GRACE);
        assertThat(pools.volume("left")).isPresent();
        assertThat(said).containsOnly("VolumeRecordMissing");
    }
}
