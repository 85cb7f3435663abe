package io.ublkcsi.controller.housekeeping;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether this controller is the one of several that does the work that nobody asks for: it holds a Lease. */
public final class Leadership implements BooleanSupplier, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
    private static final String LEASE = "ublk-csi-controller";
    private static final Duration LEASE_DURATION = Duration.ofSeconds(15);
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final KubernetesClient client;
    private final LeaderElectionConfig config;
    private volatile boolean leading;
    private volatile boolean closed;
    private volatile LeaderElector elector;
    private volatile CompletableFuture<?> election;

    /**
     * Stands for election until it is closed.
     *
     * @param identity of this controller among the others
     */
    public Leadership(KubernetesClient client, String namespace, String identity) {
        this.client = client;
        this.config = new LeaderElectionConfigBuilder()
                .withName(LEASE)
                .withLock(new LeaseLock(namespace, LEASE, identity))
                .withLeaseDuration(LEASE_DURATION)
                .withRenewDeadline(RENEW_DEADLINE)
                .withRetryPeriod(RETRY)
                .withReleaseOnCancel(true)
                .withLeaderCallbacks(new LeaderCallbacks(
                        () -> lead(true), () -> lead(false), leader -> LOG.info("the leader is {}", leader)))
                .build();
        this.elector = client.leaderElector().withConfig(config).build();
        this.election = stand();
    }

    @Override
    public boolean getAsBoolean() {
        return leading;
    }

    private void lead(boolean now) {
        leading = now;
        LOG.info(now ? "this controller leads" : "this controller no longer leads");
    }

    /** An election that is lost ends; the next one begins a moment later. */
    private CompletableFuture<?> stand() {
        CompletableFuture<?> one = elector.start();
        var _ = one.whenCompleteAsync(
                (_, _) -> {
                    leading = false;
                    if (!closed) {
                        elector = client.leaderElector().withConfig(config).build();
                        election = stand();
                    }
                },
                CompletableFuture.delayedExecutor(RETRY.toMillis(), TimeUnit.MILLISECONDS));
        return one;
    }

    @Override
    public void close() {
        closed = true;
        election.cancel(true);
        try {
            // At once, and not when the Lease runs out.
            elector.release();
        } catch (KubernetesClientException away) {
            LOG.info("the Lease runs out by itself: {}", away.getMessage());
        }
    }
}
