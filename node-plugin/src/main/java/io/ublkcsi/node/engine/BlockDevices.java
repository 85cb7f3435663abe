package io.ublkcsi.node.engine;

import io.ublkcsi.proto.engine.v1.Device;
import java.nio.file.Path;

/** What the kernel says about a block device, without I/O to it. The seam at which tests take /sys and /dev away. */
public interface BlockDevices {
    /**
     * Makes sure that the node is the block device that the engine means.
     *
     * @throws io.ublkcsi.common.fault.CsiFault.Internal when it is a plain file, or another device
     */
    void verify(Device device);

    /** Its size in bytes. */
    long sizeBytes(Path device);

    /** Whether the kernel refuses writes to it. */
    boolean readOnly(Path device);

    /** Major and minor, as mountinfo has them. */
    static String numbers(Device device) {
        return device.getMajor() + ":" + device.getMinor();
    }
}
