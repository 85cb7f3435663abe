package io.ublkcsi.common.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.kubernetes.fake.FakeApiServer;
import io.ublkcsi.common.kubernetes.fake.FakeApiServer.Target;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.PoolReport;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.store.VolumeStore.Change;
import io.ublkcsi.common.store.VolumeStoreContract;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The contract over custom resources, and what only an API server can do to a store. */
final class KubernetesVolumeStoreTest extends VolumeStoreContract {
    private static final String API = "ublk-csi.io/v1alpha1";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final FakeApiServer server = new FakeApiServer();
    private final KubernetesClient client = server.client();

    @Override
    protected void closeBackend() {
        client.close();
        server.close();
    }

    @Override
    protected VolumeStore open(boolean ofNode) {
        return new KubernetesVolumeStore(client, ofNode ? nodeName() : null, Clock.systemUTC());
    }

    @Override
    protected void writeNewerFormat(String volumeId) {
        Target target = Target.of(API, "ublkvolumes", volumeId);
        ObjectNode object = server.storage().find(target).orElseThrow();
        object.withObjectProperty("spec").put("formatVersion", 1000);
        server.storage().put(target, object.toString());
    }

    @Test
    void aNodeHearsOfItsOwnRecordsOnly() {
        Queue<Change> heard = new ConcurrentLinkedQueue<>();
        try (VolumeStore controller = open(false);
                VolumeStore node = new KubernetesVolumeStore(client, "node-2", Clock.systemUTC());
                var _ = node.watch(heard::add)) {
            controller.volumes().add(volume("v-other"));
            Queue<Change> all = new ConcurrentLinkedQueue<>();
            try (var _ = controller.watch(all::add)) {
                controller.volumes().update("v-other", wish -> wish.withSize(1L << 40));
                await().atMost(LIMIT).until(() -> !all.isEmpty());
            }
            assertThat(heard).isEmpty();
            assertThat(node.volumes().list()).isEmpty();
        }
    }

    @Test
    void aWriteThatCameBetweenIsNotLost() {
        try (VolumeStore store = open(false)) {
            store.volumes().add(volume("v-1"));
            AtomicBoolean once = new AtomicBoolean();
            store.volumes().report("v-1", status -> {
                if (once.compareAndSet(false, true)) {
                    store.volumes().report("v-1", other -> other.withFilesystemBytes(7));
                }
                return status.withFormatting(true);
            });
            once.set(false);
            store.volumes().update("v-1", wish -> {
                if (once.compareAndSet(false, true)) {
                    store.volumes().update("v-1", other -> other.withSize(2L << 30));
                }
                return wish.toDelete();
            });
            Entry<VolumeSpec, VolumeStatus> last = store.volumes().get("v-1").orElseThrow();
            assertThat(last.status().filesystemBytes()).isEqualTo(7);
            assertThat(last.status().formatting()).isTrue();
            assertThat(last.spec().sizeBytes()).isEqualTo(2L << 30);
            assertThat(last.spec().deleting()).isTrue();
        }
    }

    @Test
    void aBrokenWatchIsTakenUpAgainEvenAfterItsHistoryWasForgotten() {
        Queue<Change> heard = new ConcurrentLinkedQueue<>();
        try (VolumeStore store = open(true);
                var _ = store.watch(heard::add)) {
            store.volumes().add(volume("v-1"));
            await().atMost(LIMIT).until(() -> heard.contains(new Change(Change.Kind.VOLUME, "v-1")));
            server.goAway();
            server.storage()
                    .put(
                            Target.of(API, "ublkvolumes", "v-2"),
                            server.storage()
                                    .find(Target.of(API, "ublkvolumes", "v-1"))
                                    .orElseThrow()
                                    .toString());
            server.storage().delete(Target.of(API, "ublkvolumes", "v-1"));
            server.storage().forgetHistory();
            heard.clear();
            server.comeBack();
            await().atMost(LIMIT)
                    .until(() -> heard.contains(new Change(Change.Kind.VOLUME, "v-2"))
                            && heard.contains(new Change(Change.Kind.VOLUME, "v-1")));
        }
    }

    @Test
    void whileTheServerIsAwayWhatWasSeenLastIsReadAndWritesAreToBeRepeated() {
        try (KubernetesVolumeStore store = new KubernetesVolumeStore(client, nodeName(), Clock.systemUTC())) {
            store.volumes().add(volume("v-1"));
            await().atMost(LIMIT).until(() -> store.synced());
            store.volumes().report("v-1", status -> status.fulfilled(1, 1L << 30));
            await().atMost(LIMIT)
                    .until(() -> server.storage()
                            .find(Target.of(API, "ublkvolumes", "v-1"))
                            .isPresent());
            await().atMost(LIMIT).until(() -> seenReady(store));
            server.goAway();
            assertThat(store.volumes().get("v-1").orElseThrow().status().ready())
                    .isTrue();
            assertThatThrownBy(() -> store.volumes().report("v-1", status -> status.fulfilled(2, 2L << 30)))
                    .isInstanceOf(CsiFault.Unavailable.class)
                    .hasMessageContaining("API server");
            assertThatThrownBy(() -> store.volumes().get("v-unknown")).isInstanceOf(CsiFault.Unavailable.class);
            server.comeBack();
            store.volumes().report("v-1", status -> status.fulfilled(2, 2L << 30));
        }
    }

    private boolean seenReady(KubernetesVolumeStore store) {
        server.refuse(request -> request.startsWith("GET"));
        try {
            return store.volumes().get("v-1").orElseThrow().status().ready();
        } catch (CsiFault.Unavailable notSeenYet) {
            return false;
        } finally {
            server.refuse(_ -> false);
        }
    }

    @Test
    void aServerThatIsAwayAtTheStartIsWaitedFor() {
        server.goAway();
        try (KubernetesVolumeStore store = new KubernetesVolumeStore(client, null, Clock.systemUTC())) {
            assertThat(store.synced()).isFalse();
            server.comeBack();
            await().atMost(LIMIT).until(store::synced);
        }
    }

    @Test
    void aPoolGoesWithItsNode() {
        server.storage().put(Target.of("v1", "nodes", nodeName()), "{'kind': 'Node', 'apiVersion': 'v1'}");
        try (VolumeStore store = open(true)) {
            store.reportPools(nodeName(), List.of(new PoolReport(nodeName(), "fast", "file", 10, 5, 4, true, 512, "")));
            ObjectNode pool = server.storage()
                    .find(Target.of(API, "ublkpools", nodeName() + ".fast"))
                    .orElseThrow();
            assertThat(pool.at("/metadata/ownerReferences/0/kind").asText()).isEqualTo("Node");
            assertThat(pool.at("/metadata/ownerReferences/0/uid").asText())
                    .isEqualTo(server.storage()
                            .find(Target.of("v1", "nodes", nodeName()))
                            .orElseThrow()
                            .at("/metadata/uid")
                            .asText());
        }
    }

    @Test
    void peopleReadTheStateInOneWord() {
        try (VolumeStore store = open(true)) {
            store.volumes().add(volume("v-1"));
            store.volumes().report("v-1", status -> status.fulfilled(1, 10L << 30));
            assertThat(text("/status/state")).isEqualTo("Ready");
            assertThat(text("/status/size")).isEqualTo("10Gi");
            assertThat(text("/status/conditions/0/status")).isEqualTo("True");
            String since = text("/status/conditions/0/lastTransitionTime");
            store.volumes().report("v-1", status -> status.withDevice(true, true));
            assertThat(text("/status/conditions/0/lastTransitionTime")).isEqualTo(since);
            assertThat(text("/status/conditions/1/reason")).isEqualTo("Attached");
            store.volumes().update("v-1", wish -> wish.toDelete());
            store.volumes().report("v-1", status -> status.withDevice(false, false));
            assertThat(text("/status/state")).isEqualTo("Deleting");
        }
    }

    private String text(String pointer) {
        return server.storage()
                .find(Target.of(API, "ublkvolumes", "v-1"))
                .orElseThrow()
                .at(pointer)
                .asText();
    }
}
