package io.ublkcsi.node.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.ublkcsi.common.cli.Durations;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.kubernetes.Calls;
import io.ublkcsi.common.kubernetes.ClusterAccess;
import io.ublkcsi.common.kubernetes.KubernetesVolumeStore;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.drain.DrainWait;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ublk-csi pre-stop}: what the node plugin's pod runs before it ends. Ends well in any case. */
@Command(
        name = "pre-stop",
        mixinStandardHelpOptions = true,
        description = "Waits while this node is drained and volumes are still in use on it; otherwise ends at once.")
public final class PreStopCommand implements Callable<Integer> {
    @Option(names = "--node-id", required = true, description = "This node's name.")
    private String node = "";

    @Option(names = "--kubeconfig", description = "How to reach the API server; default: the pod's service account.")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--timeout",
            defaultValue = "45s",
            description = "Longest wait (default 45s); keep it below the pod's terminationGracePeriodSeconds.")
    private String timeout = "";

    @Option(
            names = "--idle",
            defaultValue = "15s",
            description = "Ends when no volume was given back for this long (default 15s).")
    private String idle = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
        Deadline deadline = Deadline.in(Durations.parse("--timeout", timeout));
        try (KubernetesClient client = ClusterAccess.open(kubeconfig);
                KubernetesVolumeStore store = new KubernetesVolumeStore(client, node, Clock.systemUTC())) {
            DrainWait wait = new DrainWait(
                    store,
                    node,
                    () -> Calls.call(
                            "read Node " + node,
                            () -> client.nodes().withName(node).get()));
            System.out.println(wait.run(deadline, Durations.parse("--idle", idle)));
        } catch (CsiFault unreachable) {
            System.out.println("not waiting: " + unreachable.getMessage());
        }
        return 0;
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new PreStopCommand()).execute(arguments));
    }
}
