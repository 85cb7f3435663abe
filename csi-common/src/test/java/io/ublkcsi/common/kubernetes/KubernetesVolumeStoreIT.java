package io.ublkcsi.common.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.store.VolumeStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** The contract over a real API server in which the CRDs are installed. */
@EnabledIfEnvironmentVariable(
        named = "UBLK_CSI_KUBECONFIG",
        matches = ".+",
        disabledReason = "UBLK_CSI_KUBECONFIG names no cluster that has the CRDs of charts/ublk-csi/crds")
final class KubernetesVolumeStoreIT extends VolumeStoreContract {
    private static Path kubeconfig;

    private KubernetesClient client;

    @BeforeAll
    static void find() {
        kubeconfig = Path.of(System.getenv("UBLK_CSI_KUBECONFIG"));
    }

    @Override
    protected VolumeStore open(boolean ofNode) throws IOException {
        if (client == null) {
            client = ClusterAccess.open(kubeconfig);
        }
        return new KubernetesVolumeStore(client, ofNode ? nodeName() : null, Clock.systemUTC());
    }

    @Override
    protected void closeBackend() {
        client.close();
    }

    @Override
    protected void writeNewerFormat(String volumeId) {
        client.genericKubernetesResources(new ResourceDefinitionContext.Builder()
                        .withGroup("ublk-csi.io")
                        .withVersion("v1alpha1")
                        .withKind("UblkVolume")
                        .withPlural("ublkvolumes")
                        .withNamespaced(false)
                        .build())
                .withName(volumeId)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"formatVersion\": 1000}}");
    }
}
