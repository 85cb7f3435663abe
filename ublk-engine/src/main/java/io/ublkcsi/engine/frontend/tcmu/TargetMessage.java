package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.frontend.DeviceChange;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Messages of generic netlink (include/uapi/linux/netlink.h, genetlink.h), read from and written to plain memory.
 * Nothing of what is read is believed: lengths are held against the memory's own.
 */
final class TargetMessage {
    private static final int FIRST_ATTRIBUTE = NetlinkHeader.LENGTH + GenericHeader.LENGTH;
    private static final int NOWHERE = -1;

    private TargetMessage() {}

    /** A family's number and that of one of its groups, in one number; -1: the answer has neither. */
    record Family(int id, int group) {}

    /** Writes the question for a family's numbers; answers its length. */
    static int writeFamilyRequest(MemorySegment out, String family) {
        byte[] name = (family + '\0').getBytes(StandardCharsets.US_ASCII);
        int attributeBytes = NetlinkAttribute.LENGTH + name.length;
        int length = FIRST_ATTRIBUTE + (int) Memory.roundUp(attributeBytes, NetlinkAttribute.NLA_ALIGNTO);
        out.asSlice(0, length).fill((byte) 0);
        out.set(Memory.INT, NetlinkHeader.NLMSG_LEN, length);
        out.set(Memory.SHORT, NetlinkHeader.NLMSG_TYPE, (short) GenericHeader.GENL_ID_CTRL);
        out.set(Memory.SHORT, NetlinkHeader.NLMSG_FLAGS, (short) NetlinkHeader.NLM_F_REQUEST);
        out.set(Memory.BYTE, NetlinkHeader.LENGTH + GenericHeader.CMD, (byte) GenericHeader.CTRL_CMD_GETFAMILY);
        out.set(Memory.BYTE, NetlinkHeader.LENGTH + GenericHeader.VERSION, (byte) 1);
        out.set(Memory.SHORT, FIRST_ATTRIBUTE + NetlinkAttribute.NLA_LEN, (short) attributeBytes);
        out.set(Memory.SHORT, FIRST_ATTRIBUTE + NetlinkAttribute.NLA_TYPE, (short) GenericHeader.CTRL_ATTR_FAMILY_NAME);
        MemorySegment.copy(name, 0, out, Memory.BYTE, FIRST_ATTRIBUTE + (long) NetlinkAttribute.LENGTH, name.length);
        return length;
    }

    /** Reads the answer to {@link #writeFamilyRequest}; null when there is no such family or group. */
    static @Nullable Family readFamily(MemorySegment message, String group) {
        if (message.byteSize() < FIRST_ATTRIBUTE || type(message) != GenericHeader.GENL_ID_CTRL) {
            return null;
        }
        MemorySegment attributes = message.asSlice(FIRST_ATTRIBUTE);
        long id = number(attributes, GenericHeader.CTRL_ATTR_FAMILY_ID, Short.BYTES);
        MemorySegment groups = value(attributes, GenericHeader.CTRL_ATTR_MCAST_GROUPS);
        if (id < 0 || groups == null) {
            return null;
        }
        for (long at = 0; lengthAt(groups, at) != NOWHERE; at = next(groups, at)) {
            MemorySegment one = valueAt(groups, at);
            if (group.equals(text(one, GenericHeader.CTRL_ATTR_MCAST_GRP_NAME))) {
                return new Family((int) id, (int) number(one, GenericHeader.CTRL_ATTR_MCAST_GRP_ID, Integer.BYTES));
            }
        }
        return null;
    }

    /** What the target tells; null when it is nothing that we know. */
    static @Nullable DeviceChange readChange(MemorySegment message, int family) {
        if (message.byteSize() < FIRST_ATTRIBUTE || type(message) != family) {
            return null;
        }
        MemorySegment attributes = message.asSlice(FIRST_ATTRIBUTE);
        String name = text(attributes, TargetNews.ATTR_DEVICE);
        String device = "/dev/uio" + number(attributes, TargetNews.ATTR_MINOR, Integer.BYTES) + " (" + name + ")";
        DeviceChange.Kind kind;
        String what;
        switch (message.get(Memory.BYTE, NetlinkHeader.LENGTH + GenericHeader.CMD)) {
            case TargetNews.CMD_ADDED_DEVICE -> {
                kind = DeviceChange.Kind.ADDED;
                what = "was made";
            }
            case TargetNews.CMD_REMOVED_DEVICE -> {
                kind = DeviceChange.Kind.REMOVED;
                what = "was removed from the kernel's SCSI target";
            }
            case TargetNews.CMD_RECONFIG_DEVICE -> {
                kind = DeviceChange.Kind.CHANGED;
                what = reconfiguration(attributes);
            }
            default -> {
                return null;
            }
        }
        return new DeviceChange(TargetTree.tokenOf(name), device, kind, what);
    }

    private static String reconfiguration(MemorySegment attributes) {
        if (value(attributes, TargetNews.ATTR_DEV_SIZE) != null) {
            return "was told dev_size=" + number(attributes, TargetNews.ATTR_DEV_SIZE, Long.BYTES)
                    + ", which changes nothing: its size is the volume's";
        }
        if (value(attributes, TargetNews.ATTR_WRITECACHE) != null) {
            return "was told emulate_write_cache=" + number(attributes, TargetNews.ATTR_WRITECACHE, Byte.BYTES)
                    + ", which changes nothing: the engine says what is cached";
        }
        return "was told dev_config=" + text(attributes, TargetNews.ATTR_DEV_CFG)
                + ": put back what it was, or the next engine does not know the device";
    }

    private static int type(MemorySegment message) {
        return message.get(Memory.SHORT, NetlinkHeader.NLMSG_TYPE) & 0xffff;
    }

    // ---- attributes: a length with its header, a type, the value, padding

    /** Length of the attribute at {@code at}, or {@link #NOWHERE}. */
    private static int lengthAt(MemorySegment attributes, long at) {
        if (attributes.byteSize() - at < NetlinkAttribute.LENGTH) {
            return NOWHERE;
        }
        int length = attributes.get(Memory.SHORT, at + NetlinkAttribute.NLA_LEN) & 0xffff;
        return length < NetlinkAttribute.LENGTH || length > attributes.byteSize() - at ? NOWHERE : length;
    }

    private static long next(MemorySegment attributes, long at) {
        return at + Memory.roundUp(lengthAt(attributes, at), NetlinkAttribute.NLA_ALIGNTO);
    }

    private static MemorySegment valueAt(MemorySegment attributes, long at) {
        int bytes = lengthAt(attributes, at) - NetlinkAttribute.LENGTH;
        return attributes.asSlice(at + NetlinkAttribute.LENGTH, bytes);
    }

    private static @Nullable MemorySegment value(MemorySegment attributes, int type) {
        for (long at = 0; lengthAt(attributes, at) != NOWHERE; at = next(attributes, at)) {
            int here = attributes.get(Memory.SHORT, at + NetlinkAttribute.NLA_TYPE) & NetlinkAttribute.NLA_TYPE_MASK;
            if (here == type) {
                return valueAt(attributes, at);
            }
        }
        return null;
    }

    /** Little-endian, as the machine is; -1 when there is none of that width. */
    private static long number(MemorySegment attributes, int type, int bytes) {
        MemorySegment value = value(attributes, type);
        if (value == null || value.byteSize() < bytes) {
            return -1;
        }
        long number = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            number = number << 8 | value.get(Memory.BYTE, i) & 0xff;
        }
        return number;
    }

    /** Without the NUL at its end; empty when there is none. */
    private static String text(MemorySegment attributes, int type) {
        MemorySegment value = value(attributes, type);
        if (value == null) {
            return "";
        }
        byte[] bytes = value.toArray(Memory.BYTE);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
}
