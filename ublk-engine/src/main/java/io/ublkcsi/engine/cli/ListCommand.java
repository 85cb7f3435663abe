package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.ByteSize;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.ForeignDevice;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import io.ublkcsi.proto.engine.v1.ListDevicesResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ublk-csi list}. */
@Command(name = "list", description = "Lists the engine's devices, and those of others.")
final class ListCommand extends ClientCommand {
    @Option(names = "--features", description = "Also show which of the kernel's features each device uses.")
    private boolean features;

    @Override
    void run(EngineClient client) {
        ListDevicesResponse answer = client.engine().listDevices(ListDevicesRequest.getDefaultInstance());
        print(answer, () -> text(answer));
    }

    private String text(ListDevicesResponse answer) {
        Table devices = new Table(
                "VOLUME", "DEVICE", "STATE", "SIZE", "BLOCK", "QUEUES", "DEPTH", "ACCESS", "DATA PATH", "REASON");
        answer.getDevicesList().forEach(device -> row(devices, device));
        StringBuilder text = new StringBuilder(devices.toString());
        for (Device device : answer.getDevicesList()) {
            if (features) {
                text.append("\n")
                        .append(device.getPath())
                        .append(": ")
                        .append(String.join(" ", device.getFeaturesList()));
            }
        }
        for (ForeignDevice foreign : answer.getForeignList()) {
            text.append('\n')
                    .append(MessageJson.shortName(foreign.getFrontend().getValueDescriptor()))
                    .append(" device ")
                    .append(foreign.getDeviceId())
                    .append(" is not ours: ")
                    .append(foreign.getOwner());
        }
        answer.getNoticesList().forEach(notice -> text.append("\n").append(notice));
        return text.toString();
    }

    private static void row(Table devices, Device device) {
        devices.row(
                device.getPool() + "/" + device.getVolumeId(),
                device.getPath(),
                MessageJson.shortName(device.getState().getValueDescriptor()),
                ByteSize.print(device.getSizeBytes()),
                device.getLogicalBlockBytes() + "/" + device.getPhysicalBlockBytes(),
                device.getQueues(),
                device.getDepth(),
                device.getReadOnly() ? "ro" : "rw",
                MessageJson.shortName(device.getDataPath().getValueDescriptor()),
                device.getReason().isEmpty() ? device.getDataPathReason() : device.getReason());
    }
}
