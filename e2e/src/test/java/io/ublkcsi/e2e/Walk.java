package io.ublkcsi.e2e;

import io.grpc.StatusRuntimeException;
import io.ublkcsi.proto.csi.v1.GetPluginInfoRequest;
import io.ublkcsi.proto.csi.v1.VolumeCapability;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Walks one volume through its life with real CSI calls, as a container orchestrator makes them, and prints each with
 * its time. Arguments: the node plugin's socket, the controller's, a folder for targets, a command that does I/O in the
 * folder that {@code TARGET} names.
 */
public final class Walk {
    private static final long SIZE_BYTES = 320 * Guest.MIB;
    private static final VolumeCapability WRITER = CsiCalls.mounted("ext4");

    private final CsiCalls calls;

    private Walk(CsiCalls calls) {
        this.calls = calls;
    }

    public static void main(String[] arguments) {
        int status = 0;
        try {
            new Walk(new CsiCalls(arguments[0], arguments[1], Path.of(arguments[2]))).lead(arguments[3]);
        } catch (StatusRuntimeException | AssertionError failure) {
            System.out.println("failed: " + failure.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private void lead(String work) {
        var plugin = calls.identity().getPluginInfo(GetPluginInfoRequest.getDefaultInstance());
        System.out.println(plugin.getName() + " " + plugin.getVendorVersion());
        String demo =
                step("CreateVolume demo", () -> calls.create("demo", SIZE_BYTES, WRITER, UnaryOperator.identity()));
        use("demo", demo);
        say("it is " + Shell.run("findmnt -no SOURCE,FSTYPE,OPTIONS " + calls.target("demo")));
        String shown = step("write and verify", () -> Shell.run("TARGET=" + calls.target("demo") + " " + work));
        System.out.println(shown.indent(10).stripTrailing());
        Shell.run("sync; sha256sum < " + calls.target("demo") + "/data > /run/demo.sum");
        String snapshot = step("CreateSnapshot before", () -> calls.snapshot("before", demo));
        Shell.run("echo changed > " + calls.target("demo") + "/data; sync");
        step("ControllerExpandVolume demo", () -> calls.expandController(demo, 2 * SIZE_BYTES));
        step("NodeExpandVolume demo", () -> calls.expandNode("demo", demo, 2 * SIZE_BYTES));
        say("mounted, and now " + size("demo") + " large");
        String clone = step(
                "CreateVolume clone, of the snapshot",
                () -> calls.create("clone", 2 * SIZE_BYTES, WRITER, CsiCalls.fromSnapshot(snapshot)));
        use("clone", clone);
        Shell.run("sha256sum < " + calls.target("clone") + "/data | cmp - /run/demo.sum");
        say("the clone has the snapshot's data, " + size("clone") + " large");
        release("clone", clone);
        release("demo", demo);
        step("DeleteSnapshot before", () -> calls.deleteSnapshot(snapshot));
        step("DeleteVolume clone", () -> calls.delete(clone));
        step("DeleteVolume demo", () -> calls.delete(demo));
    }

    private void use(String name, String id) {
        step("NodeStageVolume " + name, () -> calls.stage(name, id, WRITER));
        step("NodePublishVolume " + name, () -> calls.publish(name, id, WRITER));
    }

    private void release(String name, String id) {
        step("NodeUnpublishVolume " + name, () -> calls.unpublish(name, id));
        step("NodeUnstageVolume " + name, () -> calls.unstage(name, id));
    }

    private String size(String name) {
        return Shell.run("df -h --output=size " + calls.target(name) + " | tail -1");
    }

    private static void say(String text) {
        System.out.println("           " + text.replaceAll("  *", " "));
    }

    private static void step(String what, Runnable call) {
        step(what, () -> {
            call.run();
            return what;
        });
    }

    private static <A> A step(String what, Supplier<A> call) {
        long begin = System.nanoTime();
        A answer = call.get();
        System.out.printf("%6d ms  %s%n", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin), what);
        return answer;
    }
}
