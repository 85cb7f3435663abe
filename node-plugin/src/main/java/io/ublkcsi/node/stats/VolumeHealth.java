package io.ublkcsi.node.stats;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.process.Children;
import io.ublkcsi.node.stage.Volumes;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.DeviceState;
import io.ublkcsi.proto.engine.v1.PoolStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is wrong with a volume or with the node's storage, from the engine; that it does not answer is an answer. */
public final class VolumeHealth {
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final Volumes volumes;
    private final EngineClient engine;
    private final Children children;

    public VolumeHealth(Volumes volumes, EngineClient engine, Children children) {
        this.volumes = volumes;
        this.engine = engine;
        this.children = children;
    }

    /**
     * One thing that is wrong.
     *
     * @param fatal the volume or the storage can't be used; or else it is worse than promised
     * @param reason one word for programs
     * @param message for people
     */
    public record Complaint(boolean fatal, String reason, String message) {}

    public List<Complaint> ofVolume(String volumeId) {
        volumes.get(volumeId);
        try {
            Optional<Device> device = engine.device(volumeId, Deadline.in(PATIENCE));
            return device.filter(d -> d.getState() != DeviceState.DEVICE_STATE_LIVE)
                    .map(d -> List.of(new Complaint(true, "DeviceNotServed", d.getState() + ": " + d.getReason())))
                    .orElse(List.of());
        } catch (CsiFault.Timeout | CsiFault.Unavailable silent) {
            return List.of(new Complaint(true, "EngineUnavailable", String.valueOf(silent.getMessage())));
        }
    }

    public List<Complaint> ofNode() {
        List<Complaint> complaints = new ArrayList<>();
        if (children.stuck() > 0) {
            complaints.add(new Complaint(
                    false, "CommandsStuck", children.stuck() + " commands hang in the kernel, waiting for a device"));
        }
        try {
            for (PoolStatus pool : engine.pools(Deadline.in(PATIENCE))) {
                if (!pool.getProblem().isEmpty()) {
                    complaints.add(new Complaint(true, "PoolUnusable", pool.getName() + ": " + pool.getProblem()));
                }
            }
        } catch (CsiFault.Timeout | CsiFault.Unavailable silent) {
            complaints.add(new Complaint(true, "EngineUnavailable", String.valueOf(silent.getMessage())));
        }
        return complaints;
    }
}
