package io.ublkcsi.e2e;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.ublkcsi.proto.csi.v1.CapacityRange;
import io.ublkcsi.proto.csi.v1.ControllerExpandVolumeRequest;
import io.ublkcsi.proto.csi.v1.ControllerGrpc;
import io.ublkcsi.proto.csi.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.csi.v1.CreateVolumeRequest;
import io.ublkcsi.proto.csi.v1.DeleteSnapshotRequest;
import io.ublkcsi.proto.csi.v1.DeleteVolumeRequest;
import io.ublkcsi.proto.csi.v1.GetPluginInfoRequest;
import io.ublkcsi.proto.csi.v1.IdentityGrpc;
import io.ublkcsi.proto.csi.v1.NodeExpandVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeGrpc;
import io.ublkcsi.proto.csi.v1.NodePublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeStageVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnpublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnstageVolumeRequest;
import io.ublkcsi.proto.csi.v1.VolumeCapability;
import io.ublkcsi.proto.csi.v1.VolumeCapability.AccessMode.Mode;
import io.ublkcsi.proto.csi.v1.VolumeContentSource;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Walks one volume through its life with real CSI calls, as a container orchestrator makes them, and prints each with
 * its time. Arguments: the node plugin's socket, the controller's, a folder for targets, a command that does I/O in the
 * folder that {@code TARGET} names.
 */
public final class Walk {
    private static final long SIZE_BYTES = 320 * Guest.MIB;
    private static final VolumeCapability WRITER = VolumeCapability.newBuilder()
            .setMount(VolumeCapability.MountVolume.newBuilder().setFsType("ext4"))
            .setAccessMode(VolumeCapability.AccessMode.newBuilder().setMode(Mode.SINGLE_NODE_WRITER))
            .build();

    private final IdentityGrpc.IdentityBlockingStub identity;
    private final NodeGrpc.NodeBlockingStub node;
    private final ControllerGrpc.ControllerBlockingStub controller;
    private final Path folder;

    private Walk(ManagedChannel node, ManagedChannel controller, Path folder) {
        this.identity = IdentityGrpc.newBlockingStub(node);
        this.node = NodeGrpc.newBlockingStub(node);
        this.controller = ControllerGrpc.newBlockingStub(controller);
        this.folder = folder;
    }

    public static void main(String[] arguments) {
        int status = 0;
        try {
            ManagedChannel node = Guest.channel(arguments[0]);
            ManagedChannel controller = Guest.channel(arguments[1]);
            new Walk(node, controller, Path.of(arguments[2])).lead(arguments[3]);
        } catch (StatusRuntimeException | AssertionError failure) {
            System.out.println("failed: " + failure.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private void lead(String work) {
        var plugin = identity.getPluginInfo(GetPluginInfoRequest.getDefaultInstance());
        System.out.println(plugin.getName() + " " + plugin.getVendorVersion());
        String demo = step("CreateVolume demo", () -> create("demo", SIZE_BYTES, null));
        use("demo", demo);
        String device = Shell.run("findmnt -no SOURCE " + target("demo"));
        System.out.println("          it is " + device + ", "
                + Shell.run("findmnt -no FSTYPE,OPTIONS " + target("demo")).replaceAll("  *", " "));
        step("write and verify", () -> Shell.run("TARGET=" + target("demo") + " " + work));
        Shell.run("sync; sha256sum < " + target("demo") + "/data > /run/demo.sum");
        String snapshot = step(
                "CreateSnapshot before",
                () -> controller
                        .createSnapshot(CreateSnapshotRequest.newBuilder()
                                .setName("before")
                                .setSourceVolumeId(demo)
                                .build())
                        .getSnapshot()
                        .getSnapshotId());
        Shell.run("echo changed > " + target("demo") + "/data; sync");
        expand(demo);
        String clone = step("CreateVolume clone of the snapshot", () -> create("clone", 2 * SIZE_BYTES, snapshot));
        use("clone", clone);
        Shell.run("sha256sum < " + target("clone") + "/data | cmp - /run/demo.sum");
        System.out.println("          the clone has the snapshot's data, "
                + Shell.run("df -h --output=size " + target("clone") + " | tail -1") + " large");
        release("clone", clone);
        release("demo", demo);
        step(
                "DeleteSnapshot before",
                () -> controller.deleteSnapshot(DeleteSnapshotRequest.newBuilder()
                        .setSnapshotId(snapshot)
                        .build()));
        delete("clone", clone);
        delete("demo", demo);
    }

    private String create(String name, long bytes, String snapshot) {
        CreateVolumeRequest.Builder request = CreateVolumeRequest.newBuilder()
                .setName(name)
                .putParameters("pool", Guest.POOL)
                .setCapacityRange(CapacityRange.newBuilder().setRequiredBytes(bytes))
                .addVolumeCapabilities(WRITER);
        if (snapshot != null) {
            request.setVolumeContentSource(VolumeContentSource.newBuilder()
                    .setSnapshot(VolumeContentSource.SnapshotSource.newBuilder().setSnapshotId(snapshot)));
        }
        return controller.createVolume(request.build()).getVolume().getVolumeId();
    }

    private void use(String name, String id) {
        step(
                "NodeStageVolume " + name,
                () -> node.nodeStageVolume(NodeStageVolumeRequest.newBuilder()
                        .setVolumeId(id)
                        .setStagingTargetPath(staging(name))
                        .setVolumeCapability(WRITER)
                        .build()));
        step(
                "NodePublishVolume " + name,
                () -> node.nodePublishVolume(NodePublishVolumeRequest.newBuilder()
                        .setVolumeId(id)
                        .setStagingTargetPath(staging(name))
                        .setTargetPath(target(name))
                        .setVolumeCapability(WRITER)
                        .build()));
    }

    private void expand(String id) {
        CapacityRange doubled =
                CapacityRange.newBuilder().setRequiredBytes(2 * SIZE_BYTES).build();
        step(
                "ControllerExpandVolume demo",
                () -> controller.controllerExpandVolume(ControllerExpandVolumeRequest.newBuilder()
                        .setVolumeId(id)
                        .setCapacityRange(doubled)
                        .build()));
        step(
                "NodeExpandVolume demo",
                () -> node.nodeExpandVolume(NodeExpandVolumeRequest.newBuilder()
                        .setVolumeId(id)
                        .setVolumePath(target("demo"))
                        .setCapacityRange(doubled)
                        .build()));
        System.out.println("          mounted, and now "
                + Shell.run("df -h --output=size " + target("demo") + " | tail -1") + " large");
    }

    private void release(String name, String id) {
        step(
                "NodeUnpublishVolume " + name,
                () -> node.nodeUnpublishVolume(NodeUnpublishVolumeRequest.newBuilder()
                        .setVolumeId(id)
                        .setTargetPath(target(name))
                        .build()));
        step(
                "NodeUnstageVolume " + name,
                () -> node.nodeUnstageVolume(NodeUnstageVolumeRequest.newBuilder()
                        .setVolumeId(id)
                        .setStagingTargetPath(staging(name))
                        .build()));
    }

    private void delete(String name, String id) {
        step(
                "DeleteVolume " + name,
                () -> controller.deleteVolume(
                        DeleteVolumeRequest.newBuilder().setVolumeId(id).build()));
    }

    private String staging(String name) {
        return folder.resolve("staging-" + name).toString();
    }

    private String target(String name) {
        return folder.resolve("pod-" + name).toString();
    }

    private static <A> A step(String what, Supplier<A> call) {
        long begin = System.nanoTime();
        A answer = call.get();
        System.out.printf("%6d ms  %s%n", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin), what);
        if (answer instanceof String text && text.contains("\n")) {
            System.out.println(text.indent(10).stripTrailing());
        }
        return answer;
    }
}
