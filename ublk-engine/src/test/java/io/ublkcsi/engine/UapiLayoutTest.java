package io.ublkcsi.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.frontend.ublk.CtrlCommand;
import io.ublkcsi.engine.frontend.ublk.DeviceInfo;
import io.ublkcsi.engine.frontend.ublk.DeviceParams;
import io.ublkcsi.engine.frontend.ublk.IoCommand;
import io.ublkcsi.engine.frontend.ublk.IoDescriptor;
import io.ublkcsi.engine.frontend.ublk.UblkFeature;
import io.ublkcsi.engine.frontend.ublk.UblkOpcode;
import io.ublkcsi.engine.frontend.vduse.BlkConfig;
import io.ublkcsi.engine.frontend.vduse.BlkRange;
import io.ublkcsi.engine.frontend.vduse.BlkRequest;
import io.ublkcsi.engine.frontend.vduse.ConfigData;
import io.ublkcsi.engine.frontend.vduse.IotlbEntry;
import io.ublkcsi.engine.frontend.vduse.VduseDevConfig;
import io.ublkcsi.engine.frontend.vduse.VduseIoctl;
import io.ublkcsi.engine.frontend.vduse.VduseRequest;
import io.ublkcsi.engine.frontend.vduse.VduseResponse;
import io.ublkcsi.engine.frontend.vduse.VirtioFeature;
import io.ublkcsi.engine.frontend.vduse.VirtioStatus;
import io.ublkcsi.engine.frontend.vduse.VqConfig;
import io.ublkcsi.engine.frontend.vduse.VqEventFd;
import io.ublkcsi.engine.frontend.vduse.VqInfo;
import io.ublkcsi.engine.frontend.vduse.Vring;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.FileStatus;
import io.ublkcsi.engine.sys.FileSystemStatus;
import io.ublkcsi.engine.sys.Iovec;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.LockedMemory;
import io.ublkcsi.engine.sys.MappedExtents;
import io.ublkcsi.engine.sys.PollFd;
import io.ublkcsi.engine.sys.Statx;
import io.ublkcsi.engine.sys.ThreadCapabilities;
import io.ublkcsi.engine.sys.Timespec;
import io.ublkcsi.engine.uring.BufferRing;
import io.ublkcsi.engine.uring.Cqe;
import io.ublkcsi.engine.uring.KernelUring;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.Sqe;
import io.ublkcsi.engine.uring.UringParams;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds every number that we took from the kernel's headers against what a C compiler says they are. */
class UapiLayoutTest {
    private static final String SYS = "io.ublkcsi.engine.sys.";
    private static final String URING = "io.ublkcsi.engine.uring.";
    private static final String TCMU = "io.ublkcsi.engine.frontend.tcmu.";
    private static final String UBLK = "io.ublkcsi.engine.frontend.ublk.";
    private static final String POOL = "io.ublkcsi.engine.pool.file.";
    private static final String OURS = "";

    /** The numbers that differ between machines, by their names in {@code Arch}. */
    private static final Map<String, String> DIFFERENT = Map.of(
            "oDirect", "O_DIRECT",
            "oDirectory", "O_DIRECTORY",
            "oNofollow", "O_NOFOLLOW",
            "gettid", "__NR_gettid",
            "capset", "__NR_capset");

    private final UapiLayout c = UapiLayout.ofThisMachine();

    /**
     * Which C names the constants of a class have.
     *
     * @param names patterns in which {@code %s} stands for the constant's name and {@code %l} for that in lower case;
     *     the first that C knows is the one
     * @param exceptions constants whose C name follows no pattern; {@link #OURS} if the kernel has no such number
     */
    private record Proof(Class<?> type, List<String> names, Map<String, String> exceptions) {
        static Proof of(Class<?> type, String... names) {
            return new Proof(type, List.of(names), Map.of());
        }

        static Proof ofStruct(Class<?> type, String struct, String... names) {
            Stream<String> patterns = Stream.concat(Stream.of(struct + ".%l"), Arrays.stream(names));
            return new Proof(type, patterns.toList(), Map.of("LENGTH", "sizeof(struct " + struct + ")"));
        }

        Proof except(String... pairs) {
            Map<String, String> all = new HashMap<>(exceptions);
            for (int i = 0; i < pairs.length; i += 2) {
                all.put(pairs[i], pairs[i + 1]);
            }
            return new Proof(type, names, all);
        }

        @Override
        public String toString() {
            return type.getSimpleName();
        }
    }

    static Stream<Proof> layouts() {
        return Stream.of(
                Proof.ofStruct(Statx.class, "statx", "statx.stx_%l").except("SECTOR_BYTES", OURS),
                Proof.ofStruct(classOf(SYS + "Statfs"), "statfs", "statfs.f_%l"),
                Proof.ofStruct(classOf(SYS + "Fiemap"), "fiemap"),
                Proof.ofStruct(classOf(SYS + "FiemapExtent"), "fiemap_extent", "%s"),
                Proof.ofStruct(classOf(SYS + "OpenHow"), "open_how"),
                Proof.ofStruct(Timespec.class, "__kernel_timespec").except("NS_PER_SECOND", OURS),
                Proof.ofStruct(classOf(SYS + "CapHeader"), "__user_cap_header_struct"),
                Proof.ofStruct(classOf(SYS + "CapData"), "__user_cap_data_struct"),
                Proof.ofStruct(Iovec.class, "iovec"),
                Proof.ofStruct(PollFd.class, "pollfd", "%s"),
                Proof.ofStruct(Cqe.class, "io_uring_cqe")
                        .except("F_MORE", "IORING_CQE_F_MORE", "BUFFER_SHIFT", "IORING_CQE_BUFFER_SHIFT"),
                Proof.ofStruct(Sqe.class, "io_uring_sqe", "IORING_OP_%s", "IOSQE_%s", "IORING_%s", "%s")
                        .except("OP_FLAGS", "io_uring_sqe.rw_flags", "LENGTH_128", OURS),
                uringParams(),
                Proof.ofStruct(classOf(URING + "GeteventsArg"), "io_uring_getevents_arg"),
                Proof.ofStruct(classOf(URING + "FilesUpdate"), "io_uring_rsrc_update"),
                Proof.ofStruct(classOf(URING + "ResourceRegister"), "io_uring_rsrc_register"),
                Proof.ofStruct(classOf(URING + "ResourceUpdate"), "io_uring_rsrc_update2"),
                Proof.ofStruct(CtrlCommand.class, "ublksrv_ctrl_cmd").except("NO_QUEUE", OURS),
                deviceInfo(),
                deviceParams(),
                ioDescriptor(),
                Proof.ofStruct(IoCommand.class, "ublksrv_io_cmd"),
                Proof.ofStruct(classOf(TCMU + "Mailbox"), "tcmu_mailbox", "TCMU_MAILBOX_%s")
                        .except("VERSION_2", OURS),
                Proof.ofStruct(
                        classOf(TCMU + "RingEntry"),
                        "tcmu_cmd_entry",
                        "tcmu_cmd_entry.req.%l",
                        "tcmu_cmd_entry.rsp.%l",
                        "tcmu_cmd_entry_hdr.%l",
                        "TCMU_%s"));
    }

    static Stream<Proof> netlink() {
        return Stream.of(
                Proof.ofStruct(classOf(TCMU + "NetlinkHeader"), "nlmsghdr", "%s")
                        .except("AF_NETLINK", OURS, "SOL_NETLINK", OURS),
                Proof.ofStruct(classOf(TCMU + "NetlinkAttribute"), "nlattr", "%s")
                        .except("NLA_TYPE_MASK", "(unsigned short)NLA_TYPE_MASK"),
                Proof.ofStruct(classOf(TCMU + "GenericHeader"), "genlmsghdr", "%s"),
                Proof.of(classOf(TCMU + "TargetNews"), "TCMU_%s"));
    }

    static Stream<Proof> vduse() {
        return Stream.of(
                Proof.of(VduseIoctl.class, "VDUSE_%s"),
                Proof.ofStruct(VduseDevConfig.class, "vduse_dev_config").except("NAME_BYTES", OURS),
                Proof.ofStruct(IotlbEntry.class, "vduse_iotlb_entry", "VDUSE_%s"),
                Proof.ofStruct(VqInfo.class, "vduse_vq_info"),
                Proof.ofStruct(VqConfig.class, "vduse_vq_config"),
                Proof.ofStruct(VqEventFd.class, "vduse_vq_eventfd"),
                Proof.ofStruct(ConfigData.class, "vduse_config_data").except("BYTES", "vduse_config_data.length"),
                Proof.ofStruct(VduseRequest.class, "vduse_dev_request", "VDUSE_%s")
                        .except("STATUS", "vduse_dev_request.s.status", "VQ_INDEX", "vduse_dev_request.vq_state.index")
                        .except("IOVA_START", "vduse_dev_request.iova.start")
                        .except("IOVA_LAST", "vduse_dev_request.iova.last"),
                Proof.ofStruct(VduseResponse.class, "vduse_dev_response", "VDUSE_REQ_%s")
                        .except("VQ_INDEX", "vduse_dev_response.vq_state.index")
                        .except("VQ_SPLIT", "vduse_dev_response.vq_state.split"));
    }

    static Stream<Proof> virtio() {
        return Stream.of(
                vring(),
                Proof.of(VirtioFeature.class, "VIRTIO_F_%s", "VIRTIO_RING_F_%s")
                        .except("BLK_SEG_MAX", "VIRTIO_BLK_F_SEG_MAX", "BLK_RO", "VIRTIO_BLK_F_RO")
                        .except("BLK_BLK_SIZE", "VIRTIO_BLK_F_BLK_SIZE", "BLK_FLUSH", "VIRTIO_BLK_F_FLUSH")
                        .except("BLK_TOPOLOGY", "VIRTIO_BLK_F_TOPOLOGY", "BLK_MQ", "VIRTIO_BLK_F_MQ")
                        .except("BLK_DISCARD", "VIRTIO_BLK_F_DISCARD")
                        .except("BLK_WRITE_ZEROES", "VIRTIO_BLK_F_WRITE_ZEROES", "NEEDED", OURS),
                Proof.of(VirtioStatus.class, "VIRTIO_CONFIG_S_%s", "VIRTIO_%s"),
                Proof.ofStruct(BlkRequest.class, "virtio_blk_outhdr", "VIRTIO_BLK_%s"),
                Proof.ofStruct(BlkRange.class, "virtio_blk_discard_write_zeroes", "VIRTIO_BLK_WRITE_ZEROES_%s"),
                Proof.ofStruct(BlkConfig.class, "virtio_blk_config").except("SEGMENTS", OURS, "DISCARD_SECTORS", OURS));
    }

    private static Proof vring() {
        Proof proof = Proof.of(Vring.class, "VRING_%s").except("MAX_SIZE", OURS);
        for (Field field : constantsOf(Vring.class)) {
            String name = field.getName();
            String struct = name.startsWith("USED_ELEM_") ? "USED_ELEM" : name.substring(0, name.indexOf('_'));
            String member = name.substring(struct.length() + 1).toLowerCase(Locale.ROOT);
            String cStruct = "vring_" + struct.toLowerCase(Locale.ROOT);
            if (member.equals("length")) {
                proof = proof.except(name, "sizeof(struct " + cStruct + ")");
            } else if (!member.startsWith("f_") && !name.equals("MAX_SIZE")) {
                proof = proof.except(name, cStruct + "." + member);
            }
        }
        return proof;
    }

    static Stream<Proof> constants() {
        return Stream.of(
                Proof.of(Errno.class, "%s"),
                Proof.of(Linux.class, "%s")
                        .except(
                                "LOCK_EX_NB",
                                "LOCK_EX | LOCK_NB",
                                "SYS_GETTID",
                                "__NR_gettid",
                                "SYS_OPENAT2",
                                "__NR_openat2"),
                Proof.of(ThreadCapabilities.class, "%s", "_LINUX_CAPABILITY_%s"),
                Proof.of(FileStatus.class, "%s"),
                Proof.of(LockedMemory.class, "%s").except("UNLIMITED", OURS, "HEAP_PART_BYTES", OURS, "FILE", OURS),
                Proof.of(classOf(POOL + "NoCow"), "FS_%s_FL")
                        .except("GET_FLAGS", "FS_IOC_GETFLAGS", "SET_FLAGS", "FS_IOC_SETFLAGS"),
                Proof.of(MappedExtents.class, "%s").except("EXTENTS", OURS, "NOT_ITS_OWN", OURS),
                Proof.of(FileSystemStatus.class, "%s_SUPER_MAGIC", "%s_MAGIC").except("EXT", "EXT4_SUPER_MAGIC"),
                Proof.ofStruct(classOf(UBLK + "BatchCommand"), "ublk_batch_io", "UBLK_BATCH_F_%s"),
                Proof.ofStruct(classOf(UBLK + "BatchElement"), "ublk_elem_header"),
                Proof.ofStruct(classOf(URING + "BufferRingRegister"), "io_uring_buf_reg"),
                Proof.ofStruct(classOf(URING + "BufferRingEntry"), "io_uring_buf"),
                Proof.of(BufferRing.class, "io_uring_buf_ring.%l"),
                Proof.of(Ring.class, "IORING_%s").except("MAX_ENTRIES", OURS),
                Proof.of(KernelUring.class, "IORING_%s")
                        .except(
                                "SYS_IO_URING_SETUP",
                                "__NR_io_uring_setup",
                                "SYS_IO_URING_ENTER",
                                "__NR_io_uring_enter",
                                "SYS_IO_URING_REGISTER",
                                "__NR_io_uring_register"),
                Proof.of(UblkOpcode.class, "UBLK_U_CMD_%s", "UBLK_U_IO_%s").except("READ", OURS, "READ_WRITE", OURS));
    }

    private static Proof uringParams() {
        return Proof.ofStruct(UringParams.class, "io_uring_params", "IORING_%s")
                .except("SQ_HEAD", "io_uring_params.sq_off.head", "SQ_TAIL", "io_uring_params.sq_off.tail")
                .except("SQ_RING_MASK", "io_uring_params.sq_off.ring_mask", "SQ_FLAGS", "io_uring_params.sq_off.flags")
                .except("SQ_DROPPED", "io_uring_params.sq_off.dropped", "SQ_ARRAY", "io_uring_params.sq_off.array")
                .except("CQ_HEAD", "io_uring_params.cq_off.head", "CQ_TAIL", "io_uring_params.cq_off.tail")
                .except("CQ_RING_MASK", "io_uring_params.cq_off.ring_mask")
                .except("CQ_OVERFLOW", "io_uring_params.cq_off.overflow", "CQ_CQES", "io_uring_params.cq_off.cqes");
    }

    private static Proof deviceInfo() {
        return Proof.ofStruct(DeviceInfo.class, "ublksrv_ctrl_dev_info")
                .except("STATE_DEAD", "UBLK_S_DEV_DEAD", "STATE_LIVE", "UBLK_S_DEV_LIVE", "ANY_ID", OURS)
                .except("STATE_QUIESCED", "UBLK_S_DEV_QUIESCED", "STATE_FAIL_IO", "UBLK_S_DEV_FAIL_IO");
    }

    private static Proof deviceParams() {
        Proof proof = Proof.ofStruct(DeviceParams.class, "ublk_params", "UBLK_%s", "UBLK_PARAM_%s")
                .except("SEGMENT", "ublk_params.seg", "DMA_ALIGNMENT", "ublk_params.dma.alignment")
                .except("SEGMENT_BOUNDARY_MASK", "ublk_params.seg.seg_boundary_mask")
                .except("SEGMENT_MAX_SIZE", "ublk_params.seg.max_segment_size")
                .except("SEGMENT_MAX_SEGMENTS", "ublk_params.seg.max_segments")
                .except("DISCARD_ALIGNMENT", "ublk_params.discard.discard_alignment")
                .except("DISCARD_GRANULARITY", "ublk_params.discard.discard_granularity")
                .except("DISCARD_MAX_SECTORS", "ublk_params.discard.max_discard_sectors")
                .except("DISCARD_MAX_WRITE_ZEROES_SECTORS", "ublk_params.discard.max_write_zeroes_sectors")
                .except("DISCARD_MAX_SEGMENTS", "ublk_params.discard.max_discard_segments")
                .except("DEVT_DISK_MAJOR", "ublk_params.devt.disk_major")
                .except("DEVT_DISK_MINOR", "ublk_params.devt.disk_minor")
                .except("MAX_DISCARD_SECTORS", OURS, "MIN_SEGMENT_BYTES", "UBLK_MIN_SEGMENT_SIZE");
        for (Field field : constantsOf(DeviceParams.class)) {
            if (field.getName().startsWith("BASIC_")) {
                String member = field.getName().substring("BASIC_".length()).toLowerCase(Locale.ROOT);
                proof = proof.except(field.getName(), "ublk_params.basic." + member);
            }
        }
        return proof;
    }

    private static Proof ioDescriptor() {
        return Proof.ofStruct(IoDescriptor.class, "ublksrv_io_desc", "UBLK_IO_%s")
                .except("OP_MASK", OURS);
    }

    @ParameterizedTest
    @MethodSource({"layouts", "constants", "netlink", "vduse", "virtio"})
    void everyConstantIsAsTheHeadersSay(Proof proof) {
        List<Field> fields = constantsOf(proof.type);
        assertThat(fields).isNotEmpty();
        for (Field field : fields) {
            String cName = cName(proof, field.getName());
            if (!cName.equals(OURS)) {
                assertThat(valueOf(field))
                        .as("%s.%s = %s", proof, field.getName(), cName)
                        .isEqualTo(sameWidth(field, c.valueOf(cName)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "frontend.ublk.UserCopy, IO_BUF_OFFSET, UBLKSRV_IO_BUF_OFFSET, 0",
        "frontend.ublk.UserCopy, TAG_SHIFT, UBLK_TAG_OFF, 0",
        "frontend.ublk.UserCopy, QUEUE_SHIFT, UBLK_QID_OFF, 0",
        "frontend.ublk.UblkQueueSetup, MAX_DEPTH, UBLK_MAX_QUEUE_DEPTH, 0",
        "frontend.ublk.ZeroCopy, FALLBACK, UBLK_AUTO_BUF_REG_FALLBACK, 16",
        "doctor.ProcessChecks, RLIMIT_NOFILE, RLIMIT_NOFILE, 0",
    })
    void singleNumbersAreAsTheHeadersSay(String type, String field, String cName, int shift) throws Exception {
        Field constant = classOf("io.ublkcsi.engine." + type).getDeclaredField(field);
        constant.setAccessible(true);
        assertThat(valueOf(constant)).isEqualTo(c.valueOf(cName) << shift);
    }

    @Test
    void everyFeatureOfTheHeadersHasItsName() {
        for (UblkFeature feature : UblkFeature.values()) {
            assertThat(feature.bit()).as(feature.name()).isEqualTo(c.valueOf("UBLK_F_" + feature.name()));
        }
        assertThat(c.namesThatStartWith("UBLK_F_")).hasSameSizeAs(UblkFeature.values());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x86_64", "aarch64"})
    void numbersThatDifferBetweenMachinesAreRightOnEach(String machine) throws Exception {
        UapiLayout layout = UapiLayout.of(machine);
        Object arch = Arrays.stream(classOf(SYS + "Arch").getEnumConstants())
                .filter(each -> each.toString().equalsIgnoreCase(machine))
                .findAny()
                .orElseThrow();
        for (Map.Entry<String, String> name : DIFFERENT.entrySet()) {
            Field field = arch.getClass().getDeclaredField(name.getKey());
            field.setAccessible(true);
            assertThat(((Number) field.get(arch)).longValue())
                    .as(name.getValue())
                    .isEqualTo(layout.valueOf(name.getValue()));
        }
    }

    /** So that what is right on the machine that builds is right on all. */
    @Test
    void noOtherNumbersDifferBetweenMachines() {
        UapiLayout x86 = UapiLayout.of("x86_64");
        UapiLayout arm = UapiLayout.of("aarch64");
        assertThat(x86.namesThatStartWith(""))
                .filteredOn(name -> !arm.has(name) || arm.valueOf(name) != x86.valueOf(name))
                .filteredOn(name -> !name.startsWith("denied ") && !name.equals("__NR_prctl"))
                .containsExactlyInAnyOrderElementsOf(DIFFERENT.values());
    }

    private String cName(Proof proof, String constant) {
        String exception = proof.exceptions.get(constant);
        if (exception != null) {
            return exception;
        }
        return proof.names.stream()
                .map(pattern -> pattern.replace("%s", constant).replace("%l", constant.toLowerCase(Locale.ROOT)))
                .filter(c::has)
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        proof + "." + constant + " is in no line of uapi-layout.c: add it, or say that it is ours"));
    }

    private static List<Field> constantsOf(Class<?> type) {
        return Arrays.stream(type.getDeclaredFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers()))
                .filter(field ->
                        field.getType() == int.class || field.getType() == long.class || field.getType() == short.class)
                .filter(field -> !field.getName().equals("serialVersionUID"))
                .peek(field -> field.setAccessible(true))
                .toList();
    }

    private static long valueOf(Field field) {
        try {
            return ((Number) Objects.requireNonNull(field.get(null))).longValue();
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    /** C prints unsigned numbers; an {@code int} of ours holds the same 32 bits. */
    private static long sameWidth(Field field, long value) {
        return field.getType() == int.class ? (int) value : value;
    }

    private static Class<?> classOf(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
