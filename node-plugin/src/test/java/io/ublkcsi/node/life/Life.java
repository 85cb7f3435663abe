package io.ublkcsi.node.life;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ublkcsi.proto.csi.v1.CapacityRange;
import io.ublkcsi.proto.csi.v1.ControllerExpandVolumeRequest;
import io.ublkcsi.proto.csi.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.csi.v1.CreateVolumeRequest;
import io.ublkcsi.proto.csi.v1.DeleteSnapshotRequest;
import io.ublkcsi.proto.csi.v1.DeleteVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeExpandVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodePublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeStageVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnpublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnstageVolumeRequest;
import io.ublkcsi.proto.csi.v1.VolumeCapability;
import io.ublkcsi.proto.csi.v1.VolumeCapability.AccessMode.Mode;
import io.ublkcsi.proto.csi.v1.VolumeContentSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** One volume's life, as an orchestrator leads it: what fails is called again, until it succeeds. */
final class Life {
    private static final long GIB = 1L << 30;
    private static final int ATTEMPTS = 100;
    private static final Set<Status.Code> AGAIN = Set.of(
            Status.Code.UNKNOWN,
            Status.Code.UNAVAILABLE,
            Status.Code.ABORTED,
            Status.Code.CANCELLED,
            Status.Code.DEADLINE_EXCEEDED,
            Status.Code.RESOURCE_EXHAUSTED);

    private final CsiWorld world;
    private final int times;

    /** @param times that every call is made; more than once has to make no difference */
    Life(CsiWorld world, int times) {
        this.world = world;
        this.times = times;
    }

    static VolumeCapability mount(String filesystem) {
        return VolumeCapability.newBuilder()
                .setMount(VolumeCapability.MountVolume.newBuilder().setFsType(filesystem))
                .setAccessMode(VolumeCapability.AccessMode.newBuilder().setMode(Mode.SINGLE_NODE_WRITER))
                .build();
    }

    static CreateVolumeRequest.Builder volume(String name, long bytes) {
        return CreateVolumeRequest.newBuilder()
                .setName(name)
                .setCapacityRange(CapacityRange.newBuilder().setRequiredBytes(bytes))
                .addVolumeCapabilities(mount("ext4"));
    }

    /** From the first call to the last, with what has to hold on the way. */
    void lead() {
        String a = create(volume("pvc-a", GIB));
        use(a, "a");
        world.host().write(target("a"), "state", "one");
        String snapshot = snapshot(a);
        world.host().write(target("a"), "state", "two");
        expand(a, "a", 2 * GIB);
        String b = create(volume("pvc-b", 3 * GIB)
                .setVolumeContentSource(VolumeContentSource.newBuilder()
                        .setSnapshot(
                                VolumeContentSource.SnapshotSource.newBuilder().setSnapshotId(snapshot))));
        String c = create(volume("pvc-c", 2 * GIB)
                .setVolumeContentSource(VolumeContentSource.newBuilder()
                        .setVolume(VolumeContentSource.VolumeSource.newBuilder().setVolumeId(a))));
        use(b, "b");
        use(c, "c");
        assertThat(world.host().read(target("a"), "state")).isEqualTo("two");
        assertThat(world.host().read(target("b"), "state")).isEqualTo("one");
        assertThat(world.host().read(target("c"), "state")).isEqualTo("two");
        assertThat(world.host().filesystemBytes(target("a"))).isEqualTo(2 * GIB);
        assertThat(world.host().filesystemBytes(target("b"))).isEqualTo(3 * GIB);
        release(a, "a");
        release(b, "b");
        release(c, "c");
        call(() -> world.controller()
                .deleteSnapshot(DeleteSnapshotRequest.newBuilder()
                        .setSnapshotId(snapshot)
                        .build()));
        delete(a);
        delete(b);
        delete(c);
        assertNothingLeft();
    }

    private String create(CreateVolumeRequest.Builder request) {
        return call(() -> world.controller().createVolume(request.build()))
                .getVolume()
                .getVolumeId();
    }

    private String snapshot(String volume) {
        CreateSnapshotRequest request = CreateSnapshotRequest.newBuilder()
                .setName("snapshot-a")
                .setSourceVolumeId(volume)
                .build();
        return call(() -> world.controller().createSnapshot(request))
                .getSnapshot()
                .getSnapshotId();
    }

    private void use(String volume, String name) {
        NodeStageVolumeRequest stage = NodeStageVolumeRequest.newBuilder()
                .setVolumeId(volume)
                .setStagingTargetPath(staging(name).toString())
                .setVolumeCapability(mount("ext4"))
                .build();
        call(() -> world.node().nodeStageVolume(stage));
        NodePublishVolumeRequest publish = NodePublishVolumeRequest.newBuilder()
                .setVolumeId(volume)
                .setStagingTargetPath(staging(name).toString())
                .setTargetPath(target(name).toString())
                .setVolumeCapability(mount("ext4"))
                .build();
        call(() -> world.node().nodePublishVolume(publish));
    }

    private void expand(String volume, String name, long bytes) {
        CapacityRange range = CapacityRange.newBuilder().setRequiredBytes(bytes).build();
        call(() -> world.controller()
                .controllerExpandVolume(ControllerExpandVolumeRequest.newBuilder()
                        .setVolumeId(volume)
                        .setCapacityRange(range)
                        .build()));
        call(() -> world.node()
                .nodeExpandVolume(NodeExpandVolumeRequest.newBuilder()
                        .setVolumeId(volume)
                        .setVolumePath(target(name).toString())
                        .setCapacityRange(range)
                        .build()));
    }

    private void release(String volume, String name) {
        call(() -> world.node()
                .nodeUnpublishVolume(NodeUnpublishVolumeRequest.newBuilder()
                        .setVolumeId(volume)
                        .setTargetPath(target(name).toString())
                        .build()));
        call(() -> world.node()
                .nodeUnstageVolume(NodeUnstageVolumeRequest.newBuilder()
                        .setVolumeId(volume)
                        .setStagingTargetPath(staging(name).toString())
                        .build()));
    }

    private void delete(String volume) {
        call(() -> world.controller()
                .deleteVolume(
                        DeleteVolumeRequest.newBuilder().setVolumeId(volume).build()));
    }

    private void assertNothingLeft() {
        assertThat(world.host().mounts().entries()).isEmpty();
        assertThat(world.host().deviceCount()).isZero();
        assertThat(world.host().imageCount()).isZero();
        assertThat(world.pools().count()).isZero();
        assertThat(world.store().volumes().list()).isEmpty();
        assertThat(world.store().snapshots().list()).isEmpty();
        for (String name : List.of("a", "b", "c")) {
            assertThat(target(name)).doesNotExist();
        }
    }

    private Path staging(String name) {
        return world.path("staging-" + name);
    }

    private Path target(String name) {
        return world.path("pods").resolve(name);
    }

    /** Calls until it succeeds, then as often again as is asked for; every answer has to be the same. */
    private <A extends MessageLite> A call(Supplier<A> call) {
        A first = untilItSucceeds(call);
        for (int i = 1; i < times; i++) {
            assertThat(untilItSucceeds(call)).isEqualTo(first);
        }
        return first;
    }

    private <A> A untilItSucceeds(Supplier<A> call) {
        StatusRuntimeException last = null;
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                A answer = call.get();
                if (!world.isDead()) {
                    return answer;
                }
            } catch (StatusRuntimeException failure) {
                if (!AGAIN.contains(failure.getStatus().getCode())) {
                    throw failure;
                }
                last = failure;
            }
            reviveOrWait();
        }
        throw new AssertionError("still failing after " + ATTEMPTS + " calls", last);
    }

    private void reviveOrWait() {
        try {
            if (world.isDead()) {
                world.restart();
            } else {
                Thread.sleep(50);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
