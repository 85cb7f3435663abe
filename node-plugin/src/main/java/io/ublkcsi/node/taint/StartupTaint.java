package io.ublkcsi.node.taint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSINodeDriver;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.ublkcsi.common.kubernetes.Calls;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the start-up taint off this node, once the kubelet has listed the driver in the node's CSINode: before, the
 * scheduler would not count the node's volumes, and a pod's volume could not be mounted.
 */
public final class StartupTaint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StartupTaint.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final KubernetesClient client;
    private final String node;
    private final String driver;
    private final String key;
    private final Thread thread;

    /** @param key of the taint, such as {@code local.ublk-csi.io/not-ready}; its effect does not matter */
    public StartupTaint(KubernetesClient client, String node, String driver, String key) {
        this.client = client;
        this.node = node;
        this.driver = driver;
        this.key = key;
        this.thread = Thread.ofPlatform().daemon().name("startup-taint").start(this::run);
    }

    private void run() {
        try {
            while (!tryOnce()) {
                Thread.sleep(PERIOD);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean tryOnce() {
        try {
            return lift();
        } catch (RuntimeException failure) {
            LOG.warn("the taint {} stays for now: {}", key, failure.getMessage());
            return false;
        }
    }

    /** Whether there is nothing left to do. */
    private boolean lift() {
        CSINode listed = Calls.call(
                "read CSINode " + node,
                () -> client.storage().v1().csiNodes().withName(node).get());
        // A CSINode that never had a driver has no list of them.
        List<CSINodeDriver> drivers = listed == null ? null : listed.getSpec().getDrivers();
        if (drivers == null || drivers.stream().noneMatch(one -> one.getName().equals(driver))) {
            return false;
        }
        Node object = Calls.call(
                "read Node " + node, () -> client.nodes().withName(node).get());
        if (object == null) {
            return false;
        }
        List<Taint> taints = object.getSpec().getTaints();
        List<Taint> others =
                taints.stream().filter(taint -> !taint.getKey().equals(key)).toList();
        return others.size() == taints.size() || replace(object.getMetadata().getResourceVersion(), others);
    }

    private boolean replace(String resourceVersion, List<Taint> taints) {
        try {
            String patch = MAPPER.writeValueAsString(List.of(
                    Map.of("op", "test", "path", "/metadata/resourceVersion", "value", resourceVersion),
                    Map.of("op", "replace", "path", "/spec/taints", "value", taints)));
            client.nodes().withName(node).patch(PatchContext.of(PatchType.JSON), patch);
            LOG.info("CSINode {} lists {}: the taint {} is off", node, driver, key);
            return true;
        } catch (KubernetesClientException changedMeanwhile) {
            LOG.info("the taint {} is tried again: {}", key, changedMeanwhile.getMessage());
            return false;
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("taints can't be written as JSON", impossible);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
