package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.frontend.DeviceToken;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One volume in the kernel target's configfs (Documentation/target): its user-space device, and the loopback target
 * with a single unit through which this machine sees it. Calls act at once; {@link #link} and {@link #unlink} wait for
 * the device's server.
 */
final class TargetTree {
    static final Path ROOT = Path.of("/sys/kernel/config/target");
    /** First part of our devices' configuration: by it we know our own. */
    static final String SUBTYPE = "ublk-csi";

    /** The number of our HBA, in the name of its directory; any number does, and others count from 0. */
    static final int HBA = 21826;

    private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{16}");
    private static final String HBA_DIRECTORY = "user_" + HBA;

    private final Path root;
    private final UnitIdentity identity;
    private final DeviceToken token;
    private final Path hba;
    private final Path device;
    private final Path target;
    private final Path port;
    private final Path lun;
    private final Path portLink;

    /**
     * @param token of the engine that made the device; part of its configuration
     */
    TargetTree(Path root, UnitIdentity identity, DeviceToken token) {
        this.root = root;
        this.identity = identity;
        this.token = token;
        hba = root.resolve("core").resolve(HBA_DIRECTORY);
        device = hba.resolve(identity.deviceName());
        target = root.resolve("loopback").resolve("naa." + identity.targetName());
        port = target.resolve("tpgt_1");
        lun = port.resolve("lun").resolve("lun_0");
        portLink = lun.resolve("virtual_scsi_port");
    }

    private String configuration() {
        return SUBTYPE + "/" + identity.volume() + "/" + token;
    }

    UnitIdentity identity() {
        return identity;
    }

    DeviceToken token() {
        return token;
    }

    /** The name that the UIO device has in sysfs. */
    String uioName() {
        return "tcm-user/" + HBA + "/" + identity.deviceName() + "/" + configuration();
    }

    boolean exists() {
        return Files.isDirectory(device);
    }

    boolean isEnabled() {
        return ConfigFs.read(device.resolve("enable")).equals("1");
    }

    boolean isLinked() {
        return Files.isSymbolicLink(portLink);
    }

    /** Makes the device, not enabled. Its commands wait for us for ever, unless I/O is to fail while nobody serves. */
    void create(TcmuShape shape) {
        ConfigFs.makeDirectory(root.resolve("core").resolve(HBA_DIRECTORY));
        ConfigFs.makeDirectory(device);
        ConfigFs.write(device.resolve("control"), shape.control(configuration()));
        ConfigFs.write(device.resolve("attrib/cmd_time_out"), Integer.toString(shape.commandTimeOutS()));
        ConfigFs.write(device.resolve("wwn/vpd_unit_serial"), identity.serial());
        ConfigFs.write(device.resolve("alias"), shape.text());
    }

    /** Makes the UIO device appear. */
    void enable() {
        ConfigFs.write(device.resolve("enable"), "1");
    }

    /** The shape that the device was made with, as {@link TcmuShape#text}; empty when it is none of this version's. */
    String shape() {
        return ConfigFs.read(device.resolve("alias"));
    }

    /** While it is blocked, new commands are answered with BUSY, and the initiator repeats them. */
    void block(boolean blocked) {
        ConfigFs.write(device.resolve("action/block_dev"), blocked ? "1" : "0");
    }

    /** Empties the ring: what is in it is repeated by the initiator, or fails. Only while nobody serves it. */
    void resetRing(boolean repeat) {
        ConfigFs.write(device.resolve("action/reset_ring"), repeat ? "1" : "2");
    }

    /** For the record that configfs shows; nothing in the kernel asks for it. */
    void noteSize(long bytes) {
        ConfigFs.write(device.resolve("control"), "dev_size=" + bytes);
    }

    /** Makes the loopback target and puts the unit into it: the kernel scans it, and waits for its answers. */
    void link() throws IOException {
        ConfigFs.makeDirectory(root.resolve("loopback"));
        ConfigFs.makeDirectory(target);
        if (ConfigFs.makeDirectory(port)) {
            ConfigFs.write(port.resolve("nexus"), "naa." + identity.nexusName());
        }
        ConfigFs.makeDirectory(lun);
        if (!isLinked()) {
            Files.createSymbolicLink(portLink, device);
        }
    }

    /** Host, channel and target number of the loopback target, such as {@code 2:0:1}; empty when there is none. */
    String address() {
        return ConfigFs.read(port.resolve("address"));
    }

    /** From now on the loopback target fails what is sent to it. */
    void failTransport() {
        if (Files.isDirectory(port)) {
            ConfigFs.write(port.resolve("transport_status"), "offline");
        }
    }

    /** Fails everything that is sent to a device that nobody serves, so that it can be taken away. */
    void rescue() {
        if (isEnabled()) {
            block(true);
            resetRing(false);
        }
        failTransport();
    }

    /** Takes the unit away from this machine: its last cached writes are sent, and waited for. */
    void unlink() throws IOException {
        Files.deleteIfExists(portLink);
    }

    /** Removes what is left once the unit is unlinked; the UIO device ends with it. */
    void remove() {
        if (Files.isDirectory(port)) {
            ConfigFs.remove(lun);
            if (!ConfigFs.read(port.resolve("nexus")).isEmpty()) {
                ConfigFs.write(port.resolve("nexus"), "NULL");
            }
        }
        ConfigFs.remove(port);
        ConfigFs.remove(target);
        ConfigFs.remove(device);
        ConfigFs.removeIfUnused(hba);
    }

    /** The trees of all devices of ours, whoever serves them. */
    static List<TargetTree> all(Path root) {
        List<TargetTree> trees = new ArrayList<>();
        try (DirectoryStream<Path> devices =
                Files.newDirectoryStream(root.resolve("core").resolve(HBA_DIRECTORY), Files::isDirectory)) {
            for (Path device : devices) {
                TargetTree tree = of(root, ConfigFs.read(device.resolve("attrib/dev_config")));
                if (tree != null && tree.device.equals(device)) {
                    trees.add(tree);
                }
            }
        } catch (IOException none) {
            return List.of();
        }
        return trees;
    }

    /** The token in the name of a UIO device of ours; null when it is none. */
    static @Nullable DeviceToken tokenOf(String uioName) {
        String[] parts = uioName.split("/");
        boolean ours = parts.length == 7 && parts[0].equals(UioDevices.TARGET) && parts[3].equals(SUBTYPE);
        return ours && TOKEN.matcher(parts[6]).matches() ? DeviceToken.parse(parts[6]) : null;
    }

    /** The tree that a configuration of ours names; null when it is not ours. */
    private static @Nullable TargetTree of(Path root, String configuration) {
        String[] parts = configuration.split("/");
        if (parts.length != 4
                || !parts[0].equals(SUBTYPE)
                || !TOKEN.matcher(parts[3]).matches()) {
            return null;
        }
        return new TargetTree(root, UnitIdentity.of(parts[1] + "/" + parts[2]), DeviceToken.parse(parts[3]));
    }
}
