package io.ublkcsi.controller.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.kubernetes.ClusterAccess;
import io.ublkcsi.common.kubernetes.KubernetesVolumeStore;
import io.ublkcsi.controller.housekeeping.ClusterView;
import io.ublkcsi.controller.housekeeping.Farewell;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ublk-csi pre-uninstall}: the chart's hook before the driver goes. Says no while pods use volumes. */
@Command(
        name = "pre-uninstall",
        mixinStandardHelpOptions = true,
        description = "Names the volumes that there still are; fails while pods use some.")
public final class PreUninstallCommand implements Callable<Integer> {
    @Option(names = "--driver-name", required = true, description = "The CSI driver's name.")
    private String driver = "";

    @Option(names = "--kubeconfig", description = "How to reach the API server; default: the pod's service account.")
    private @Nullable Path kubeconfig;

    @Override
    public Integer call() throws IOException {
        try (KubernetesClient client = ClusterAccess.open(kubeconfig);
                KubernetesVolumeStore store = new KubernetesVolumeStore(client, null, Clock.systemUTC())) {
            Farewell farewell = Farewell.of(ClusterView.of(client, store, driver));
            farewell.lines().forEach(System.out::println);
            return farewell.inUse() ? 1 : 0;
        } catch (CsiFault unreachable) {
            System.out.println("whether volumes are in use is not known: " + unreachable.getMessage());
            return 1;
        }
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new PreUninstallCommand()).execute(arguments));
    }
}
