package io.ublkcsi.engine.service;

import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.control.AttachOptions;
import io.ublkcsi.engine.control.DeviceState;
import io.ublkcsi.engine.control.DeviceView;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DeviceFacts;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.observe.Inflight;
import io.ublkcsi.engine.observe.OperationTotals;
import io.ublkcsi.engine.pool.VolumeIds;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.DeviceStats;
import io.ublkcsi.proto.engine.v1.Frontend;
import io.ublkcsi.proto.engine.v1.OperationStats;
import io.ublkcsi.proto.engine.v1.RecoveryPolicy;
import org.jspecify.annotations.Nullable;

/** Between the API's messages and the engine's own types, for devices. */
final class DeviceMessages {
    private DeviceMessages() {}

    static VolumeKey key(String pool, String volumeId) {
        VolumeIds.check("pool", pool);
        VolumeIds.check("volume id", volumeId);
        return new VolumeKey(pool, volumeId);
    }

    static AttachOptions options(io.ublkcsi.proto.engine.v1.AttachOptions options) {
        DeviceOptions device = new DeviceOptions(
                frontend(options),
                dataPath(options),
                options.getQueues(),
                options.getDepth(),
                options.getMaxIoBytes(),
                failsIo(options));
        return new AttachOptions(device, options.getReadOnly(), options.getNoDiscard());
    }

    private static @Nullable FrontendKind frontend(io.ublkcsi.proto.engine.v1.AttachOptions options) {
        return switch (options.getFrontend()) {
            case FRONTEND_AUTO -> null;
            case FRONTEND_UBLK -> FrontendKind.UBLK;
            case FRONTEND_VDUSE -> FrontendKind.VDUSE;
            case FRONTEND_TCMU -> FrontendKind.TCMU;
            case UNRECOGNIZED -> throw unknown("frontend", options.getFrontendValue());
        };
    }

    static Frontend frontend(FrontendKind kind) {
        return switch (kind) {
            case UBLK -> Frontend.FRONTEND_UBLK;
            case VDUSE -> Frontend.FRONTEND_VDUSE;
            case TCMU -> Frontend.FRONTEND_TCMU;
        };
    }

    private static @Nullable DataPath dataPath(io.ublkcsi.proto.engine.v1.AttachOptions options) {
        return switch (options.getDataPath()) {
            case DATA_PATH_AUTO -> null;
            case DATA_PATH_PLAIN_COPY -> DataPath.PLAIN_COPY;
            case DATA_PATH_USER_COPY -> DataPath.USER_COPY;
            case DATA_PATH_ZERO_COPY_MANUAL -> DataPath.ZERO_COPY_MANUAL;
            case DATA_PATH_ZERO_COPY_AUTO -> DataPath.ZERO_COPY_AUTO;
            case DATA_PATH_ZERO_COPY_BATCH -> DataPath.ZERO_COPY_BATCH;
            case UNRECOGNIZED -> throw unknown("data path", options.getDataPathValue());
        };
    }

    private static boolean failsIo(io.ublkcsi.proto.engine.v1.AttachOptions options) {
        return switch (options.getRecovery()) {
            case RECOVERY_POLICY_UNSPECIFIED, RECOVERY_POLICY_WAIT -> false;
            case RECOVERY_POLICY_FAIL -> true;
            case UNRECOGNIZED -> throw unknown("recovery policy", options.getRecoveryValue());
        };
    }

    private static EngineException unknown(String what, int value) {
        return new EngineException(
                Kind.INVALID_ARGUMENT, what + " " + value + " is newer than this engine: ask for one that it knows");
    }

    static Device device(DeviceView view) {
        DeviceFacts facts = view.facts();
        return Device.newBuilder()
                .setPool(view.volume().pool())
                .setVolumeId(view.volume().volumeId())
                .setPath(facts.path())
                .setMajor(facts.major())
                .setMinor(facts.minor())
                .setDeviceId(facts.id())
                .setState(state(view.state()))
                .setSizeBytes(view.limits().sizeBytes())
                .setLogicalBlockBytes(view.limits().logicalBytes())
                .setPhysicalBlockBytes(view.limits().physicalBytes())
                .setQueues(facts.queues())
                .setDepth(facts.depth())
                .setReadOnly(view.limits().readOnly())
                .setFrontend(frontend(facts.kind()))
                .setFrontendReason(view.frontendReason())
                .setDataPath(dataPath(facts.dataPath().path()))
                .setDataPathReason(facts.dataPath().reason())
                .addAllFeatures(facts.features())
                .setReason(view.reason())
                .setRecovery(recovery(view.options().device().failIo()))
                .setOptions(options(view.options()))
                .setMaxIoBytes(facts.maxIoBytes())
                .build();
    }

    private static io.ublkcsi.proto.engine.v1.AttachOptions options(AttachOptions options) {
        DeviceOptions device = options.device();
        return io.ublkcsi.proto.engine.v1.AttachOptions.newBuilder()
                .setFrontend(device.frontend() == null ? Frontend.FRONTEND_AUTO : frontend(device.frontend()))
                .setDataPath(
                        device.dataPath() == null
                                ? io.ublkcsi.proto.engine.v1.DataPath.DATA_PATH_AUTO
                                : dataPath(device.dataPath()))
                .setQueues(device.queues())
                .setDepth(device.depth())
                .setMaxIoBytes(device.maxIoBytes())
                .setRecovery(recovery(device.failIo()))
                .setReadOnly(options.readOnly())
                .setNoDiscard(options.noDiscard())
                .build();
    }

    private static RecoveryPolicy recovery(boolean failIo) {
        return failIo ? RecoveryPolicy.RECOVERY_POLICY_FAIL : RecoveryPolicy.RECOVERY_POLICY_WAIT;
    }

    private static io.ublkcsi.proto.engine.v1.DataPath dataPath(DataPath path) {
        return switch (path) {
            case PLAIN_COPY -> io.ublkcsi.proto.engine.v1.DataPath.DATA_PATH_PLAIN_COPY;
            case USER_COPY -> io.ublkcsi.proto.engine.v1.DataPath.DATA_PATH_USER_COPY;
            case ZERO_COPY_MANUAL -> io.ublkcsi.proto.engine.v1.DataPath.DATA_PATH_ZERO_COPY_MANUAL;
            case ZERO_COPY_AUTO -> io.ublkcsi.proto.engine.v1.DataPath.DATA_PATH_ZERO_COPY_AUTO;
            case ZERO_COPY_BATCH -> io.ublkcsi.proto.engine.v1.DataPath.DATA_PATH_ZERO_COPY_BATCH;
        };
    }

    private static io.ublkcsi.proto.engine.v1.DeviceState state(DeviceState state) {
        return io.ublkcsi.proto.engine.v1.DeviceState.valueOf("DEVICE_STATE_" + state.name());
    }

    static DeviceStats stats(DeviceView view) {
        DeviceStats.Builder stats = DeviceStats.newBuilder()
                .setPool(view.volume().pool())
                .setVolumeId(view.volume().volumeId())
                .setPath(view.path())
                .setInflight(Inflight.of(view.path()))
                .setRingEnters(
                        view.metrics().stream().mapToLong(QueueMetrics::enters).sum())
                .setBufferWaits(view.metrics().stream()
                        .mapToLong(QueueMetrics::bufferWaits)
                        .sum());
        for (int operation = 0; operation < BlockOperation.COUNT; operation++) {
            OperationTotals totals = OperationTotals.of(operation, view.metrics());
            stats.addOperations(OperationStats.newBuilder()
                    .setOperation(BlockOperation.name(operation))
                    .setRequests(totals.requests())
                    .setBytes(totals.bytes())
                    .setErrors(totals.errors())
                    .setP50Ns(totals.quantileNs(0.5))
                    .setP99Ns(totals.quantileNs(0.99))
                    .setMaxNs(totals.maxNs())
                    .setTimedRequests(totals.timed()));
        }
        return stats.build();
    }
}
