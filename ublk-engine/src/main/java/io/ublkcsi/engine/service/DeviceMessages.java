package io.ublkcsi.engine.service;

import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.control.AttachOptions;
import io.ublkcsi.engine.control.DeviceState;
import io.ublkcsi.engine.control.DeviceView;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.frontend.ublk.DataPath;
import io.ublkcsi.engine.frontend.ublk.UblkFeature;
import io.ublkcsi.engine.frontend.ublk.UblkOptions;
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
        switch (options.getFrontend()) {
            case FRONTEND_AUTO, FRONTEND_UBLK -> {}
            case FRONTEND_VDUSE, FRONTEND_TCMU ->
                throw new EngineException(
                        Kind.UNIMPLEMENTED,
                        "this engine has no frontend but ublk: ask for FRONTEND_AUTO or FRONTEND_UBLK");
            case UNRECOGNIZED -> throw unknown("frontend", options.getFrontendValue());
        }
        UblkOptions ublk = new UblkOptions(
                dataPath(options), options.getQueues(), options.getDepth(), options.getMaxIoBytes(), failsIo(options));
        return new AttachOptions(ublk, options.getReadOnly(), options.getNoDiscard());
    }

    private static @Nullable DataPath dataPath(io.ublkcsi.proto.engine.v1.AttachOptions options) {
        return switch (options.getDataPath()) {
            case DATA_PATH_AUTO -> null;
            case DATA_PATH_PLAIN_COPY -> DataPath.PLAIN_COPY;
            case DATA_PATH_USER_COPY -> DataPath.USER_COPY;
            case DATA_PATH_ZERO_COPY_MANUAL -> DataPath.ZERO_COPY_MANUAL;
            case DATA_PATH_ZERO_COPY_AUTO -> DataPath.ZERO_COPY_AUTO;
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
        return Device.newBuilder()
                .setPool(view.volume().pool())
                .setVolumeId(view.volume().volumeId())
                .setPath(view.path())
                .setMajor(view.numbers().diskMajor())
                .setMinor(view.numbers().diskMinor())
                .setDeviceId(view.info().id())
                .setState(state(view.state()))
                .setSizeBytes(view.limits().sizeBytes())
                .setLogicalBlockBytes(view.limits().logicalBytes())
                .setPhysicalBlockBytes(view.limits().physicalBytes())
                .setQueues(view.info().queues())
                .setDepth(view.info().depth())
                .setReadOnly(view.limits().readOnly())
                .setFrontend(Frontend.FRONTEND_UBLK)
                .setDataPath(dataPath(view.dataPath().path()))
                .setDataPathReason(view.dataPath().reason())
                .addAllFeatures(
                        view.info().features().stream().map(UblkFeature::name).toList())
                .setReason(view.reason())
                .setRecovery(recovery(view.options().ublk().failIo()))
                .setOptions(options(view.options()))
                .setMaxIoBytes(view.maxIoBytes())
                .build();
    }

    private static io.ublkcsi.proto.engine.v1.AttachOptions options(AttachOptions options) {
        UblkOptions ublk = options.ublk();
        return io.ublkcsi.proto.engine.v1.AttachOptions.newBuilder()
                .setFrontend(Frontend.FRONTEND_UBLK)
                .setDataPath(
                        ublk.dataPath() == null
                                ? io.ublkcsi.proto.engine.v1.DataPath.DATA_PATH_AUTO
                                : dataPath(ublk.dataPath()))
                .setQueues(ublk.queues())
                .setDepth(ublk.depth())
                .setMaxIoBytes(ublk.maxIoBytes())
                .setRecovery(recovery(ublk.failIo()))
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
