package io.ublkcsi.common.validation;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.parameters.Filesystem;
import io.ublkcsi.common.parameters.MountFlags;
import io.ublkcsi.common.parameters.VolumeParameters;
import io.ublkcsi.proto.csi.v1.VolumeCapability;
import io.ublkcsi.proto.csi.v1.VolumeCapability.AccessMode.Mode;
import java.util.List;
import java.util.Optional;

/**
 * How a volume is to be used: one VolumeCapability, checked.
 *
 * @param block raw, without a file system
 * @param filesystem the one asked for; empty when the driver may choose, and for raw block
 * @param mountFlags as the caller gave them
 * @param mode who may use it at once
 */
public record VolumeUse(boolean block, Optional<Filesystem> filesystem, List<String> mountFlags, Mode mode) {
    /** Checks a capability of a request. {@code field} is its name there. */
    public static VolumeUse of(String field, VolumeCapability capability) {
        Mode mode = mode(field, capability);
        return switch (capability.getAccessTypeCase()) {
            case BLOCK -> new VolumeUse(true, Optional.empty(), List.of(), mode);
            case MOUNT -> mount(field, capability.getMount(), mode);
            case ACCESSTYPE_NOT_SET -> throw new CsiFault.Invalid(field + ".access_type", "is missing: block or mount");
        };
    }

    /** Checks a list of capabilities, of which there has to be at least one. */
    public static List<VolumeUse> all(String field, List<VolumeCapability> capabilities) {
        Fields.require(!capabilities.isEmpty(), field, "is missing");
        return capabilities.stream()
                .map(capability -> VolumeUse.of(field, capability))
                .toList();
    }

    /** The file system for a volume that has none yet: the capability's, or else the class's, or else ext4. */
    public Filesystem newFilesystem(VolumeParameters parameters) {
        Filesystem byClass = parameters.filesystem();
        return filesystem.orElse(byClass == null ? Filesystem.EXT4 : byClass);
    }

    /** Whether nothing may be written. */
    public boolean readOnly() {
        return mode == Mode.SINGLE_NODE_READER_ONLY || mode == Mode.MULTI_NODE_READER_ONLY;
    }

    /** Whether a second publish has to be refused. */
    public boolean singlePublish() {
        return mode == Mode.SINGLE_NODE_SINGLE_WRITER;
    }

    private static VolumeUse mount(String field, VolumeCapability.MountVolume mount, Mode mode) {
        Fields.require(
                mount.getVolumeMountGroup().isEmpty(),
                field + ".mount.volume_mount_group",
                "is not supported (VOLUME_MOUNT_GROUP is not advertised); the orchestrator applies fsGroup itself");
        Optional<Filesystem> filesystem = mount.getFsType().isEmpty()
                ? Optional.empty()
                : Optional.of(Filesystem.parse(field + ".mount.fs_type", mount.getFsType()));
        List<String> flags = MountFlags.check(field + ".mount.mount_flags", mount.getMountFlagsList());
        return new VolumeUse(false, filesystem, flags, mode);
    }

    private static Mode mode(String field, VolumeCapability capability) {
        Mode mode = capability.getAccessMode().getMode();
        return switch (mode) {
            case SINGLE_NODE_WRITER,
                    SINGLE_NODE_READER_ONLY,
                    SINGLE_NODE_SINGLE_WRITER,
                    SINGLE_NODE_MULTI_WRITER,
                    MULTI_NODE_READER_ONLY -> mode;
            case UNKNOWN, UNRECOGNIZED ->
                throw new CsiFault.Invalid(field + ".access_mode", "is missing or unknown to this driver");
            case MULTI_NODE_SINGLE_WRITER, MULTI_NODE_MULTI_WRITER ->
                throw new CsiFault.Invalid(
                        field + ".access_mode",
                        mode + " is not supported: a local volume can be written on its own node only;"
                                + " use ReadWriteOnce or ReadWriteOncePod");
        };
    }
}
