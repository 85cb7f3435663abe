package io.ublkcsi.node.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ublkcsi.proto.csi.v1.CapacityRange;
import io.ublkcsi.proto.csi.v1.ControllerGetVolumeRequest;
import io.ublkcsi.proto.csi.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.csi.v1.CreateVolumeRequest;
import io.ublkcsi.proto.csi.v1.DeleteSnapshotRequest;
import io.ublkcsi.proto.csi.v1.DeleteVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodePublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeStageVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnpublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnstageVolumeRequest;
import io.ublkcsi.proto.csi.v1.VolumeCapability;
import io.ublkcsi.proto.csi.v1.VolumeCapability.AccessMode.Mode;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every refusal has the specification's code, names the field and the cure, and changes nothing. One world for all. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RefusalTest {
    private static final long GIB = 1L << 30;

    private Path folder;
    private CsiWorld world;
    private int volumes;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        world = new CsiWorld(folder);
    }

    @AfterAll
    void stop() throws Exception {
        world.close();
    }

    private static CreateVolumeRequest.Builder good() {
        return Life.volume("pvc-1", GIB);
    }

    /** A volume of this test's own. */
    private String create() {
        volumes++;
        CreateVolumeRequest request = Life.volume("own-" + volumes, GIB).build();
        return world.controller().createVolume(request).getVolume().getVolumeId();
    }

    private static VolumeCapability.Builder capability(Mode mode) {
        return VolumeCapability.newBuilder()
                .setMount(VolumeCapability.MountVolume.getDefaultInstance())
                .setAccessMode(VolumeCapability.AccessMode.newBuilder().setMode(mode));
    }

    static Stream<Arguments> badVolumes() {
        return Stream.of(
                Arguments.of("name", good().setName("")),
                Arguments.of("name", good().setName("a".repeat(129))),
                Arguments.of("name", good().setName("a\nb")),
                Arguments.of("volume_capabilities", good().clearVolumeCapabilities()),
                Arguments.of(
                        "access_type",
                        good().addVolumeCapabilities(
                                        capability(Mode.SINGLE_NODE_WRITER).clearMount())),
                Arguments.of("access_mode", good().addVolumeCapabilities(capability(Mode.UNKNOWN))),
                Arguments.of("access_mode", good().addVolumeCapabilities(capability(Mode.MULTI_NODE_MULTI_WRITER))),
                Arguments.of(
                        "fs_type",
                        good().addVolumeCapabilities(capability(Mode.SINGLE_NODE_WRITER)
                                .setMount(VolumeCapability.MountVolume.newBuilder()
                                        .setFsType("ntfs")))),
                Arguments.of(
                        "mount_flags",
                        good().addVolumeCapabilities(capability(Mode.SINGLE_NODE_WRITER)
                                .setMount(VolumeCapability.MountVolume.newBuilder()
                                        .addMountFlags("bind")))),
                Arguments.of("capacity_range", good().setCapacityRange(range(GIB, GIB / 2))),
                Arguments.of("capacity_range.required_bytes", good().setCapacityRange(range(-1, 0))),
                Arguments.of("qeues", good().putParameters("qeues", "2")),
                Arguments.of("parameters[queues]", good().putParameters("queues", "0")),
                Arguments.of("parameters[blockSize]", good().putParameters("blockSize", "1000")),
                Arguments.of("parameters[discard]", good().putParameters("discard", "yes")),
                Arguments.of("parameters[mkfsOptions]", good().putParameters("mkfsOptions", "-d /etc/passwd")),
                Arguments.of("parameters[pool]", good().putParameters("pool", "../etc")),
                Arguments.of("parameters[dataPath]", good().putParameters("dataPath", "fast")),
                Arguments.of("mutable_parameters", good().putParametersMutable("iops", "5")));
    }

    private static CapacityRange range(long required, long limit) {
        return CapacityRange.newBuilder()
                .setRequiredBytes(required)
                .setLimitBytes(limit)
                .build();
    }

    @ParameterizedTest
    @MethodSource("badVolumes")
    void createVolumeNamesTheField(String field, CreateVolumeRequest.Builder request) {
        refused(Status.Code.INVALID_ARGUMENT, field, () -> world.controller().createVolume(request.build()));
        assertThat(world.store().volumes().get("pvc-1")).isEmpty();
        assertThat(world.pools().volume("pvc-1")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "../x", "a/b", "/etc", "%2e%2e", "a\0b", ".hidden", "a..b"})
    void noIdLeavesThePool(String id) {
        idIsRefused(id);
    }

    @Test
    void anIdHas128BytesAtMost() {
        idIsRefused("a".repeat(129));
    }

    private void idIsRefused(String id) {
        Path path = folder.resolve("target");
        Stream.<Runnable>of(
                        () -> world.controller()
                                .deleteVolume(DeleteVolumeRequest.newBuilder()
                                        .setVolumeId(id)
                                        .build()),
                        () -> world.controller()
                                .controllerGetVolume(ControllerGetVolumeRequest.newBuilder()
                                        .setVolumeId(id)
                                        .build()),
                        () -> world.controller()
                                .createSnapshot(CreateSnapshotRequest.newBuilder()
                                        .setName("s")
                                        .setSourceVolumeId(id)
                                        .build()),
                        () -> world.node().nodeStageVolume(stage(id, path.toString(), Mode.SINGLE_NODE_WRITER)),
                        () -> world.node()
                                .nodeUnstageVolume(NodeUnstageVolumeRequest.newBuilder()
                                        .setVolumeId(id)
                                        .setStagingTargetPath(path.toString())
                                        .build()),
                        () -> world.node()
                                .nodeUnpublishVolume(NodeUnpublishVolumeRequest.newBuilder()
                                        .setVolumeId(id)
                                        .setTargetPath(path.toString())
                                        .build()))
                .forEach(call -> refused(Status.Code.INVALID_ARGUMENT, "volume_id", call));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "snapshot_id",
                () -> world.controller()
                        .deleteSnapshot(DeleteSnapshotRequest.newBuilder()
                                .setSnapshotId(id)
                                .build()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "relative", "/a/../b", "/", "/a\0b"})
    void aPathIsAbsoluteAndPlain(String path) {
        String id = create();
        refused(
                Status.Code.INVALID_ARGUMENT,
                "staging_target_path",
                () -> world.node().nodeStageVolume(stage(id, path, Mode.SINGLE_NODE_WRITER)));
        assertThat(world.store().volumes().get(id).orElseThrow().status().attached())
                .isFalse();
    }

    @Test
    void whatIsNotThereIsNotFound() {
        refused(
                Status.Code.NOT_FOUND,
                "nothing",
                () -> world.controller()
                        .controllerGetVolume(ControllerGetVolumeRequest.newBuilder()
                                .setVolumeId("nothing")
                                .build()));
        refused(
                Status.Code.NOT_FOUND,
                "nothing",
                () -> world.node().nodeStageVolume(stage("nothing", "/staging", Mode.SINGLE_NODE_WRITER)));
        assertThat(world.controller()
                        .deleteVolume(DeleteVolumeRequest.newBuilder()
                                .setVolumeId("nothing")
                                .build()))
                .isNotNull();
    }

    @Test
    void theSameNameForSomethingElseExists() {
        var _ = world.controller().createVolume(Life.volume("pvc-2", GIB).build());
        refused(
                Status.Code.ALREADY_EXISTS,
                "capacity_range",
                () -> world.controller()
                        .createVolume(Life.volume("pvc-2", 2 * GIB).build()));
        refused(
                Status.Code.ALREADY_EXISTS,
                "parameters",
                () -> world.controller()
                        .createVolume(Life.volume("pvc-2", GIB)
                                .putParameters("queues", "2")
                                .build()));
    }

    @Test
    void moreThanThePoolHasIsExhausted() {
        refused(
                Status.Code.RESOURCE_EXHAUSTED,
                "pool",
                () -> world.controller()
                        .createVolume(Life.volume("pvc-1", 1L << 50).build()));
        assertThat(world.store().volumes().get("pvc-1")).isEmpty();
    }

    @Test
    void publishNeedsStage() {
        String id = create();
        refused(
                Status.Code.FAILED_PRECONDITION,
                "NodeStageVolume",
                () -> world.node().nodePublishVolume(publish(id, "one", Mode.SINGLE_NODE_WRITER)));
    }

    @Test
    void aSingleWriterIsPublishedOnce() {
        String id = create();
        Mode mode = Mode.SINGLE_NODE_SINGLE_WRITER;
        var _ = world.node().nodeStageVolume(stage(id, staging(id), mode));
        var _ = world.node().nodePublishVolume(publish(id, "one", mode));
        var _ = world.node().nodePublishVolume(publish(id, "one", mode));
        refused(
                Status.Code.FAILED_PRECONDITION,
                "single writer",
                () -> world.node().nodePublishVolume(publish(id, "two", mode)));
    }

    @Test
    void aVolumeInUseIsNeitherUnstagedNorDeleted() {
        String id = create();
        String staging = staging(id);
        var _ = world.node().nodeStageVolume(stage(id, staging, Mode.SINGLE_NODE_WRITER));
        var _ = world.node().nodePublishVolume(publish(id, "one", Mode.SINGLE_NODE_WRITER));
        refused(
                Status.Code.FAILED_PRECONDITION,
                "unpublish",
                () -> world.node()
                        .nodeUnstageVolume(NodeUnstageVolumeRequest.newBuilder()
                                .setVolumeId(id)
                                .setStagingTargetPath(staging)
                                .build()));
        refused(
                Status.Code.FAILED_PRECONDITION,
                "in use",
                () -> world.controller()
                        .deleteVolume(
                                DeleteVolumeRequest.newBuilder().setVolumeId(id).build()));
        assertThat(world.host().mounts().at(Path.of(staging))).isPresent();
    }

    @Test
    void dataWithoutAFileSystemIsNeverFormatted() {
        String id = create();
        VolumeCapability raw = capability(Mode.SINGLE_NODE_WRITER)
                .setBlock(VolumeCapability.BlockVolume.getDefaultInstance())
                .build();
        String staging = staging(id);
        var _ = world.node()
                .nodeStageVolume(stage(id, staging, Mode.SINGLE_NODE_WRITER).toBuilder()
                        .setVolumeCapability(raw)
                        .build());
        world.host().scribble(id);
        refused(
                Status.Code.FAILED_PRECONDITION,
                "Nothing was written",
                () -> world.node().nodeStageVolume(stage(id, staging, Mode.SINGLE_NODE_WRITER)));
        assertThat(world.host().mounts().at(Path.of(staging))).isEmpty();
    }

    private static NodeStageVolumeRequest stage(String id, String path, Mode mode) {
        return NodeStageVolumeRequest.newBuilder()
                .setVolumeId(id)
                .setStagingTargetPath(path)
                .setVolumeCapability(capability(mode))
                .build();
    }

    private String staging(String id) {
        return folder.resolve("staging-" + id).toString();
    }

    private NodePublishVolumeRequest publish(String id, String target, Mode mode) {
        return NodePublishVolumeRequest.newBuilder()
                .setVolumeId(id)
                .setStagingTargetPath(staging(id))
                .setTargetPath(folder.resolve(id + "-" + target).toString())
                .setVolumeCapability(capability(mode))
                .build();
    }

    private void refused(Status.Code code, String named, Runnable call) {
        Consumer<Throwable> asExpected = failure -> {
            Status status = ((StatusRuntimeException) failure).getStatus();
            assertThat(status.getCode()).as(status.toString()).isEqualTo(code);
            assertThat(status.getDescription()).contains(named);
        };
        assertThatThrownBy(call::run).isInstanceOf(StatusRuntimeException.class).satisfies(asExpected::accept);
    }
}
