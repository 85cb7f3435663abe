/*
 * Prints the sizes, offsets and constants of the kernel's uapi headers that the engine relies on, one "name=value" a line, for
 * UapiLayoutTest. Only headers of the kernel are included, none of the C library: the same source, compiled on any machine
 * against the asm/ headers of another, prints that other machine's numbers. Run by e2e/guest/uapi-layout.
 */
#include <linux/types.h>

#include <asm/errno.h>
#include <asm/mman.h>
#include <asm/poll.h>
#include <asm/statfs.h>
#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/eventfd.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/genetlink.h>
#include <linux/io_uring.h>
#include <linux/ioctl.h>
#include <linux/magic.h>
#include <linux/mman.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/resource.h>
#include <linux/stat.h>
#include <linux/target_core_user.h>
#include <linux/time_types.h>
#include <linux/ublk_cmd.h>
#include <linux/uio.h>
#include <linux/vduse.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>

int printf(const char *format, ...);

#define SIZE(type) printf("sizeof(struct " #type ")=%lu\n", (unsigned long)sizeof(struct type))
#define FIELD(type, field) printf(#type "." #field "=%lu\n", (unsigned long)__builtin_offsetof(struct type, field))
#define VALUE(name) printf(#name "=%llu\n", (unsigned long long)(name))
#define DENIED(call) printf("denied " #call "=%d\n", __NR_##call)
#define NEGATIVE(name) printf(#name "=%lld\n", (long long)(name))

static void ublk_commands(void)
{
	VALUE(UBLK_U_CMD_GET_QUEUE_AFFINITY);
	VALUE(UBLK_U_CMD_GET_DEV_INFO);
	VALUE(UBLK_U_CMD_ADD_DEV);
	VALUE(UBLK_U_CMD_DEL_DEV);
	VALUE(UBLK_U_CMD_START_DEV);
	VALUE(UBLK_U_CMD_STOP_DEV);
	VALUE(UBLK_U_CMD_SET_PARAMS);
	VALUE(UBLK_U_CMD_GET_PARAMS);
	VALUE(UBLK_U_CMD_START_USER_RECOVERY);
	VALUE(UBLK_U_CMD_END_USER_RECOVERY);
	VALUE(UBLK_U_CMD_GET_DEV_INFO2);
	VALUE(UBLK_U_CMD_GET_FEATURES);
	VALUE(UBLK_U_CMD_DEL_DEV_ASYNC);
	VALUE(UBLK_U_CMD_UPDATE_SIZE);
	VALUE(UBLK_U_CMD_QUIESCE_DEV);
	VALUE(UBLK_U_CMD_TRY_STOP_DEV);
	VALUE(UBLK_U_IO_FETCH_REQ);
	VALUE(UBLK_U_IO_COMMIT_AND_FETCH_REQ);
	VALUE(UBLK_U_IO_NEED_GET_DATA);
	VALUE(UBLK_U_IO_REGISTER_IO_BUF);
	VALUE(UBLK_U_IO_UNREGISTER_IO_BUF);
	VALUE(UBLK_U_IO_PREP_IO_CMDS);
	VALUE(UBLK_U_IO_COMMIT_IO_CMDS);
	VALUE(UBLK_U_IO_FETCH_IO_CMDS);
	VALUE(UBLK_IO_RES_OK);
	NEGATIVE(UBLK_IO_RES_ABORT);
}

static void ublk_numbers(void)
{
	VALUE(UBLK_FEATURES_LEN);
	VALUE(UBLKSRV_CMD_BUF_OFFSET);
	VALUE(UBLKSRV_IO_BUF_OFFSET);
	VALUE(UBLK_MAX_QUEUE_DEPTH);
	VALUE(UBLK_MAX_NR_QUEUES);
	VALUE(UBLK_IO_BUF_BITS);
	VALUE(UBLK_TAG_OFF);
	VALUE(UBLK_QID_OFF);
	VALUE(UBLK_F_SUPPORT_ZERO_COPY);
	VALUE(UBLK_F_URING_CMD_COMP_IN_TASK);
	VALUE(UBLK_F_NEED_GET_DATA);
	VALUE(UBLK_F_USER_RECOVERY);
	VALUE(UBLK_F_USER_RECOVERY_REISSUE);
	VALUE(UBLK_F_UNPRIVILEGED_DEV);
	VALUE(UBLK_F_CMD_IOCTL_ENCODE);
	VALUE(UBLK_F_USER_COPY);
	VALUE(UBLK_F_ZONED);
	VALUE(UBLK_F_USER_RECOVERY_FAIL_IO);
	VALUE(UBLK_F_UPDATE_SIZE);
	VALUE(UBLK_F_AUTO_BUF_REG);
	VALUE(UBLK_F_QUIESCE);
	VALUE(UBLK_F_PER_IO_DAEMON);
	VALUE(UBLK_F_BUF_REG_OFF_DAEMON);
	VALUE(UBLK_F_BATCH_IO);
	VALUE(UBLK_F_INTEGRITY);
	VALUE(UBLK_F_SAFE_STOP_DEV);
	VALUE(UBLK_F_NO_AUTO_PART_SCAN);
	VALUE(UBLK_F_SHMEM_ZC);
	VALUE(UBLK_S_DEV_DEAD);
	VALUE(UBLK_S_DEV_LIVE);
	VALUE(UBLK_S_DEV_QUIESCED);
	VALUE(UBLK_S_DEV_FAIL_IO);
	VALUE(UBLK_AUTO_BUF_REG_FALLBACK);
}

static void ublk_io(void)
{
	VALUE(UBLK_IO_OP_READ);
	VALUE(UBLK_IO_OP_WRITE);
	VALUE(UBLK_IO_OP_FLUSH);
	VALUE(UBLK_IO_OP_DISCARD);
	VALUE(UBLK_IO_OP_WRITE_ZEROES);
	VALUE(UBLK_IO_F_META);
	VALUE(UBLK_IO_F_FUA);
	VALUE(UBLK_IO_F_NOUNMAP);
	VALUE(UBLK_IO_F_SWAP);
	VALUE(UBLK_IO_F_NEED_REG_BUF);
	SIZE(ublksrv_io_desc);
	FIELD(ublksrv_io_desc, op_flags);
	FIELD(ublksrv_io_desc, nr_sectors);
	FIELD(ublksrv_io_desc, start_sector);
	FIELD(ublksrv_io_desc, addr);
	SIZE(ublksrv_io_cmd);
	FIELD(ublksrv_io_cmd, q_id);
	FIELD(ublksrv_io_cmd, tag);
	FIELD(ublksrv_io_cmd, result);
	FIELD(ublksrv_io_cmd, addr);
	SIZE(ublk_auto_buf_reg);
	FIELD(ublk_auto_buf_reg, index);
	FIELD(ublk_auto_buf_reg, flags);
	SIZE(ublk_batch_io);
	FIELD(ublk_batch_io, q_id);
	FIELD(ublk_batch_io, flags);
	FIELD(ublk_batch_io, nr_elem);
	FIELD(ublk_batch_io, elem_bytes);
	VALUE(UBLK_BATCH_F_AUTO_BUF_REG_FALLBACK);
	SIZE(ublk_elem_header);
	FIELD(ublk_elem_header, tag);
	FIELD(ublk_elem_header, buf_index);
	FIELD(ublk_elem_header, result);
}

static void ublk_control(void)
{
	SIZE(ublksrv_ctrl_cmd);
	FIELD(ublksrv_ctrl_cmd, dev_id);
	FIELD(ublksrv_ctrl_cmd, queue_id);
	FIELD(ublksrv_ctrl_cmd, len);
	FIELD(ublksrv_ctrl_cmd, addr);
	FIELD(ublksrv_ctrl_cmd, data);
	FIELD(ublksrv_ctrl_cmd, dev_path_len);
	SIZE(ublksrv_ctrl_dev_info);
	FIELD(ublksrv_ctrl_dev_info, nr_hw_queues);
	FIELD(ublksrv_ctrl_dev_info, queue_depth);
	FIELD(ublksrv_ctrl_dev_info, state);
	FIELD(ublksrv_ctrl_dev_info, max_io_buf_bytes);
	FIELD(ublksrv_ctrl_dev_info, dev_id);
	FIELD(ublksrv_ctrl_dev_info, ublksrv_pid);
	FIELD(ublksrv_ctrl_dev_info, flags);
	FIELD(ublksrv_ctrl_dev_info, ublksrv_flags);
	FIELD(ublksrv_ctrl_dev_info, owner_uid);
	FIELD(ublksrv_ctrl_dev_info, owner_gid);
}

static void ublk_params_basic(void)
{
	SIZE(ublk_params);
	FIELD(ublk_params, len);
	FIELD(ublk_params, types);
	FIELD(ublk_params, basic);
	FIELD(ublk_params, basic.attrs);
	FIELD(ublk_params, basic.logical_bs_shift);
	FIELD(ublk_params, basic.physical_bs_shift);
	FIELD(ublk_params, basic.io_opt_shift);
	FIELD(ublk_params, basic.io_min_shift);
	FIELD(ublk_params, basic.max_sectors);
	FIELD(ublk_params, basic.chunk_sectors);
	FIELD(ublk_params, basic.dev_sectors);
	FIELD(ublk_params, basic.virt_boundary_mask);
	VALUE(UBLK_ATTR_READ_ONLY);
	VALUE(UBLK_ATTR_ROTATIONAL);
	VALUE(UBLK_ATTR_VOLATILE_CACHE);
	VALUE(UBLK_ATTR_FUA);
	VALUE(UBLK_PARAM_TYPE_BASIC);
	VALUE(UBLK_PARAM_TYPE_DISCARD);
	VALUE(UBLK_PARAM_TYPE_DEVT);
	VALUE(UBLK_PARAM_TYPE_ZONED);
	VALUE(UBLK_PARAM_TYPE_DMA_ALIGN);
	VALUE(UBLK_PARAM_TYPE_SEGMENT);
	VALUE(UBLK_PARAM_TYPE_INTEGRITY);
	VALUE(UBLK_MIN_SEGMENT_SIZE);
}

static void ublk_params_rest(void)
{
	FIELD(ublk_params, discard);
	FIELD(ublk_params, discard.discard_alignment);
	FIELD(ublk_params, discard.discard_granularity);
	FIELD(ublk_params, discard.max_discard_sectors);
	FIELD(ublk_params, discard.max_write_zeroes_sectors);
	FIELD(ublk_params, discard.max_discard_segments);
	FIELD(ublk_params, devt);
	FIELD(ublk_params, devt.char_major);
	FIELD(ublk_params, devt.char_minor);
	FIELD(ublk_params, devt.disk_major);
	FIELD(ublk_params, devt.disk_minor);
	FIELD(ublk_params, zoned);
	FIELD(ublk_params, dma);
	FIELD(ublk_params, dma.alignment);
	FIELD(ublk_params, seg);
	FIELD(ublk_params, seg.seg_boundary_mask);
	FIELD(ublk_params, seg.max_segment_size);
	FIELD(ublk_params, seg.max_segments);
	FIELD(ublk_params, integrity);
}

static void uring_params(void)
{
	SIZE(io_uring_params);
	FIELD(io_uring_params, sq_entries);
	FIELD(io_uring_params, cq_entries);
	FIELD(io_uring_params, flags);
	FIELD(io_uring_params, features);
	FIELD(io_uring_params, sq_off);
	FIELD(io_uring_params, sq_off.head);
	FIELD(io_uring_params, sq_off.tail);
	FIELD(io_uring_params, sq_off.ring_mask);
	FIELD(io_uring_params, sq_off.ring_entries);
	FIELD(io_uring_params, sq_off.flags);
	FIELD(io_uring_params, sq_off.dropped);
	FIELD(io_uring_params, sq_off.array);
	FIELD(io_uring_params, cq_off);
	FIELD(io_uring_params, cq_off.head);
	FIELD(io_uring_params, cq_off.tail);
	FIELD(io_uring_params, cq_off.ring_mask);
	FIELD(io_uring_params, cq_off.ring_entries);
	FIELD(io_uring_params, cq_off.overflow);
	FIELD(io_uring_params, cq_off.cqes);
	VALUE(IORING_SETUP_CQSIZE);
	VALUE(IORING_SETUP_CLAMP);
	VALUE(IORING_SETUP_SUBMIT_ALL);
	VALUE(IORING_SETUP_SQE128);
	VALUE(IORING_SETUP_SINGLE_ISSUER);
	VALUE(IORING_SETUP_DEFER_TASKRUN);
	VALUE(IORING_FEAT_SINGLE_MMAP);
	VALUE(IORING_FEAT_NODROP);
	VALUE(IORING_OFF_SQ_RING);
	VALUE(IORING_OFF_SQES);
}

static void uring_entries(void)
{
	SIZE(io_uring_sqe);
	FIELD(io_uring_sqe, opcode);
	FIELD(io_uring_sqe, flags);
	FIELD(io_uring_sqe, ioprio);
	FIELD(io_uring_sqe, fd);
	FIELD(io_uring_sqe, off);
	FIELD(io_uring_sqe, cmd_op);
	FIELD(io_uring_sqe, addr);
	FIELD(io_uring_sqe, len);
	FIELD(io_uring_sqe, rw_flags);
	FIELD(io_uring_sqe, fsync_flags);
	FIELD(io_uring_sqe, timeout_flags);
	FIELD(io_uring_sqe, uring_cmd_flags);
	FIELD(io_uring_sqe, user_data);
	FIELD(io_uring_sqe, buf_index);
	FIELD(io_uring_sqe, personality);
	FIELD(io_uring_sqe, splice_fd_in);
	FIELD(io_uring_sqe, addr3);
	FIELD(io_uring_sqe, cmd);
	SIZE(io_uring_cqe);
	FIELD(io_uring_cqe, user_data);
	FIELD(io_uring_cqe, res);
	FIELD(io_uring_cqe, flags);
	VALUE(IORING_OP_NOP);
	VALUE(IORING_OP_READV);
	VALUE(IORING_OP_WRITEV);
	VALUE(IORING_OP_FSYNC);
	VALUE(IORING_OP_READ_FIXED);
	VALUE(IORING_OP_WRITE_FIXED);
	VALUE(IORING_OP_POLL_ADD);
	VALUE(IORING_POLL_ADD_MULTI);
	VALUE(IORING_CQE_F_MORE);
	VALUE(IORING_CQE_BUFFER_SHIFT);
	VALUE(IORING_URING_CMD_MULTISHOT);
	VALUE(IORING_OP_TIMEOUT);
	VALUE(IORING_OP_TIMEOUT_REMOVE);
	VALUE(IORING_OP_ASYNC_CANCEL);
	VALUE(IORING_OP_FALLOCATE);
	VALUE(IORING_OP_READ);
	VALUE(IORING_OP_WRITE);
	VALUE(IORING_OP_URING_CMD);
	VALUE(IOSQE_FIXED_FILE);
	VALUE(IOSQE_IO_DRAIN);
	VALUE(IOSQE_BUFFER_SELECT);
	VALUE(IOSQE_IO_LINK);
	VALUE(IOSQE_IO_HARDLINK);
	VALUE(IOSQE_ASYNC);
	VALUE(IOSQE_CQE_SKIP_SUCCESS);
	VALUE(IORING_FSYNC_DATASYNC);
	VALUE(IORING_TIMEOUT_ETIME_SUCCESS);
	VALUE(RWF_DSYNC);
	SIZE(pollfd);
	FIELD(pollfd, fd);
	FIELD(pollfd, events);
	FIELD(pollfd, revents);
	VALUE(POLLIN);
	VALUE(POLLERR);
	VALUE(POLLHUP);
}

static void uring_calls(void)
{
	SIZE(io_uring_buf_reg);
	FIELD(io_uring_buf_reg, ring_addr);
	FIELD(io_uring_buf_reg, ring_entries);
	FIELD(io_uring_buf_reg, bgid);
	SIZE(io_uring_buf);
	FIELD(io_uring_buf, addr);
	FIELD(io_uring_buf, len);
	FIELD(io_uring_buf, bid);
	FIELD(io_uring_buf_ring, tail);
	VALUE(IORING_REGISTER_PBUF_RING);
	SIZE(io_uring_rsrc_register);
	FIELD(io_uring_rsrc_register, nr);
	FIELD(io_uring_rsrc_register, flags);
	FIELD(io_uring_rsrc_register, data);
	FIELD(io_uring_rsrc_register, tags);
	SIZE(io_uring_rsrc_update);
	FIELD(io_uring_rsrc_update, offset);
	FIELD(io_uring_rsrc_update, data);
	SIZE(io_uring_rsrc_update2);
	FIELD(io_uring_rsrc_update2, offset);
	FIELD(io_uring_rsrc_update2, data);
	FIELD(io_uring_rsrc_update2, tags);
	FIELD(io_uring_rsrc_update2, nr);
	SIZE(io_uring_getevents_arg);
	FIELD(io_uring_getevents_arg, sigmask);
	FIELD(io_uring_getevents_arg, sigmask_sz);
	FIELD(io_uring_getevents_arg, ts);
	SIZE(__kernel_timespec);
	FIELD(__kernel_timespec, tv_sec);
	FIELD(__kernel_timespec, tv_nsec);
	SIZE(__user_cap_header_struct);
	FIELD(__user_cap_header_struct, version);
	FIELD(__user_cap_header_struct, pid);
	SIZE(__user_cap_data_struct);
	FIELD(__user_cap_data_struct, effective);
	FIELD(__user_cap_data_struct, permitted);
	FIELD(__user_cap_data_struct, inheritable);
	VALUE(CAP_IPC_LOCK);
	VALUE(_LINUX_CAPABILITY_VERSION_3);
	SIZE(iovec);
	FIELD(iovec, iov_base);
	FIELD(iovec, iov_len);
	VALUE(IORING_ENTER_GETEVENTS);
	VALUE(IORING_ENTER_EXT_ARG);
	VALUE(IORING_REGISTER_FILES_UPDATE);
	VALUE(IORING_REGISTER_FILES2);
	VALUE(IORING_REGISTER_BUFFERS2);
	VALUE(IORING_REGISTER_BUFFERS_UPDATE);
	VALUE(IORING_RSRC_REGISTER_SPARSE);
	VALUE(__NR_io_uring_setup);
	VALUE(__NR_io_uring_enter);
	VALUE(__NR_io_uring_register);
	VALUE(__NR_openat2);
	VALUE(__NR_gettid);
}

static void file_status(void)
{
	SIZE(statx);
	FIELD(statx, stx_mask);
	FIELD(statx, stx_nlink);
	FIELD(statx, stx_mode);
	FIELD(statx, stx_ino);
	FIELD(statx, stx_size);
	FIELD(statx, stx_blocks);
	FIELD(statx, stx_rdev_major);
	FIELD(statx, stx_rdev_minor);
	FIELD(statx, stx_dev_major);
	FIELD(statx, stx_dev_minor);
	FIELD(statx, stx_dio_mem_align);
	FIELD(statx, stx_dio_offset_align);
	VALUE(STATX_BASIC_STATS);
	VALUE(STATX_DIOALIGN);
	VALUE(AT_EMPTY_PATH);
	VALUE(AT_SYMLINK_NOFOLLOW);
	VALUE(S_IFMT);
	SIZE(open_how);
	FIELD(open_how, flags);
	FIELD(open_how, mode);
	FIELD(open_how, resolve);
	VALUE(RESOLVE_NO_MAGICLINKS);
	VALUE(RESOLVE_NO_SYMLINKS);
	VALUE(RESOLVE_BENEATH);
	SIZE(statfs);
	FIELD(statfs, f_type);
	FIELD(statfs, f_bsize);
	FIELD(statfs, f_blocks);
	FIELD(statfs, f_bfree);
	FIELD(statfs, f_bavail);
	SIZE(fiemap);
	FIELD(fiemap, fm_start);
	FIELD(fiemap, fm_length);
	FIELD(fiemap, fm_flags);
	FIELD(fiemap, fm_mapped_extents);
	FIELD(fiemap, fm_extent_count);
	FIELD(fiemap, fm_extents);
	SIZE(fiemap_extent);
	FIELD(fiemap_extent, fe_logical);
	FIELD(fiemap_extent, fe_length);
	FIELD(fiemap_extent, fe_flags);
	VALUE(FIEMAP_EXTENT_UNKNOWN);
	VALUE(FIEMAP_EXTENT_DELALLOC);
	VALUE(FIEMAP_EXTENT_SHARED);
	VALUE(FS_IOC_FIEMAP);
	VALUE(FS_IOC_GETFLAGS);
	VALUE(FS_IOC_SETFLAGS);
	VALUE(FS_NOCOW_FL);
	VALUE(BTRFS_SUPER_MAGIC);
	VALUE(XFS_SUPER_MAGIC);
	VALUE(EXT4_SUPER_MAGIC);
	VALUE(TMPFS_MAGIC);
}

static void call_flags(void)
{
	VALUE(O_RDONLY);
	VALUE(O_RDWR);
	VALUE(O_CREAT);
	VALUE(O_EXCL);
	VALUE(O_TRUNC);
	VALUE(O_NONBLOCK);
	VALUE(O_CLOEXEC);
	VALUE(O_PATH);
	VALUE(O_DIRECT);
	VALUE(O_DIRECTORY);
	VALUE(O_NOFOLLOW);
	VALUE(PROT_READ);
	VALUE(PROT_WRITE);
	VALUE(MAP_SHARED);
	VALUE(MAP_PRIVATE);
	VALUE(MAP_ANONYMOUS);
	VALUE(MAP_NORESERVE);
	VALUE(MAP_POPULATE);
	VALUE(MADV_DONTNEED);
	VALUE(MCL_CURRENT);
	VALUE(MCL_FUTURE);
	VALUE(MCL_ONFAULT);
	VALUE(RLIMIT_MEMLOCK);
	VALUE(RLIMIT_NOFILE);
	VALUE(FALLOC_FL_KEEP_SIZE);
	VALUE(FALLOC_FL_PUNCH_HOLE);
	VALUE(FALLOC_FL_ZERO_RANGE);
	VALUE(LOCK_EX | LOCK_NB);
	VALUE(LOCK_UN);
	VALUE(SEEK_DATA);
	VALUE(SEEK_HOLE);
	NEGATIVE(AT_FDCWD);
	VALUE(EFD_CLOEXEC);
	VALUE(FICLONE);
}

static void error_numbers(void)
{
	VALUE(EPERM);
	VALUE(ENOENT);
	VALUE(EINTR);
	VALUE(EIO);
	VALUE(ENXIO);
	VALUE(EBADF);
	VALUE(EAGAIN);
	VALUE(ENOMEM);
	VALUE(EACCES);
	VALUE(EFAULT);
	VALUE(EBUSY);
	VALUE(EEXIST);
	VALUE(EXDEV);
	VALUE(ENODEV);
	VALUE(ENOTDIR);
	VALUE(EISDIR);
	VALUE(EINVAL);
	VALUE(ENFILE);
	VALUE(EMFILE);
	VALUE(ENOTTY);
	VALUE(ETXTBSY);
	VALUE(EFBIG);
	VALUE(ENOSPC);
	VALUE(EROFS);
	VALUE(EPIPE);
	VALUE(ENAMETOOLONG);
	VALUE(ENOSYS);
	VALUE(ENOTEMPTY);
	VALUE(ELOOP);
	VALUE(ENODATA);
	VALUE(ETIME);
	VALUE(EOVERFLOW);
	VALUE(EOPNOTSUPP);
	VALUE(ETIMEDOUT);
	VALUE(ESTALE);
	VALUE(EDQUOT);
	VALUE(ENOBUFS);
	VALUE(ECANCELED);
}

static void netlink(void)
{
	SIZE(nlmsghdr);
	FIELD(nlmsghdr, nlmsg_len);
	FIELD(nlmsghdr, nlmsg_type);
	FIELD(nlmsghdr, nlmsg_flags);
	VALUE(NLM_F_REQUEST);
	VALUE(NLMSG_ERROR);
	VALUE(NETLINK_GENERIC);
	VALUE(NETLINK_ADD_MEMBERSHIP);
	SIZE(nlattr);
	FIELD(nlattr, nla_len);
	FIELD(nlattr, nla_type);
	VALUE(NLA_ALIGNTO);
	VALUE((unsigned short)NLA_TYPE_MASK);
	SIZE(genlmsghdr);
	FIELD(genlmsghdr, cmd);
	FIELD(genlmsghdr, version);
	VALUE(GENL_ID_CTRL);
	VALUE(CTRL_CMD_GETFAMILY);
	VALUE(CTRL_ATTR_FAMILY_ID);
	VALUE(CTRL_ATTR_FAMILY_NAME);
	VALUE(CTRL_ATTR_MCAST_GROUPS);
	VALUE(CTRL_ATTR_MCAST_GRP_NAME);
	VALUE(CTRL_ATTR_MCAST_GRP_ID);
}

static void tcmu(void)
{
	SIZE(tcmu_mailbox);
	FIELD(tcmu_mailbox, version);
	FIELD(tcmu_mailbox, flags);
	FIELD(tcmu_mailbox, cmdr_off);
	FIELD(tcmu_mailbox, cmdr_size);
	FIELD(tcmu_mailbox, cmd_head);
	FIELD(tcmu_mailbox, cmd_tail);
	SIZE(tcmu_cmd_entry_hdr);
	FIELD(tcmu_cmd_entry_hdr, len_op);
	FIELD(tcmu_cmd_entry_hdr, cmd_id);
	FIELD(tcmu_cmd_entry_hdr, kflags);
	FIELD(tcmu_cmd_entry_hdr, uflags);
	SIZE(tcmu_cmd_entry);
	FIELD(tcmu_cmd_entry, req.iov_cnt);
	FIELD(tcmu_cmd_entry, req.iov_bidi_cnt);
	FIELD(tcmu_cmd_entry, req.iov_dif_cnt);
	FIELD(tcmu_cmd_entry, req.cdb_off);
	FIELD(tcmu_cmd_entry, req.iov);
	FIELD(tcmu_cmd_entry, rsp.scsi_status);
	FIELD(tcmu_cmd_entry, rsp.read_len);
	FIELD(tcmu_cmd_entry, rsp.sense_buffer);
	SIZE(tcmu_tmr_entry);
	FIELD(tcmu_tmr_entry, tmr_type);
	FIELD(tcmu_tmr_entry, cmd_cnt);
	FIELD(tcmu_tmr_entry, cmd_ids);
	VALUE(TCMU_OP_PAD);
	VALUE(TCMU_OP_CMD);
	VALUE(TCMU_OP_TMR);
	VALUE(TCMU_OP_MASK);
	VALUE(TCMU_OP_ALIGN_SIZE);
	VALUE(TCMU_SENSE_BUFFERSIZE);
	VALUE(TCMU_UFLAG_UNKNOWN_OP);
	VALUE(TCMU_UFLAG_READ_LEN);
	VALUE(TCMU_UFLAG_KEEP_BUF);
	VALUE(TCMU_MAILBOX_FLAG_CAP_OOOC);
	VALUE(TCMU_MAILBOX_FLAG_CAP_READ_LEN);
	VALUE(TCMU_MAILBOX_FLAG_CAP_TMR);
	VALUE(TCMU_MAILBOX_FLAG_CAP_KEEP_BUF);
	VALUE(TCMU_CMD_ADDED_DEVICE);
	VALUE(TCMU_CMD_REMOVED_DEVICE);
	VALUE(TCMU_CMD_RECONFIG_DEVICE);
	VALUE(TCMU_ATTR_DEVICE);
	VALUE(TCMU_ATTR_MINOR);
	VALUE(TCMU_ATTR_DEV_CFG);
	VALUE(TCMU_ATTR_DEV_SIZE);
	VALUE(TCMU_ATTR_WRITECACHE);
}

/* What lib/confine uses: the calls that its filter denies, and those that it makes. */
static void confine(void)
{
	VALUE(__NR_prctl);
	VALUE(__NR_capset);
	VALUE(AUDIT_ARCH_X86_64);
	VALUE(AUDIT_ARCH_AARCH64);
	DENIED(mount);
	DENIED(umount2);
	DENIED(pivot_root);
	DENIED(chroot);
	DENIED(mount_setattr);
	DENIED(move_mount);
	DENIED(open_tree);
	DENIED(open_tree_attr);
	DENIED(fsopen);
	DENIED(fsconfig);
	DENIED(fsmount);
	DENIED(fspick);
	DENIED(open_by_handle_at);
	DENIED(fanotify_init);
	DENIED(unshare);
	DENIED(setns);
	DENIED(sethostname);
	DENIED(setdomainname);
	DENIED(init_module);
	DENIED(finit_module);
	DENIED(delete_module);
	DENIED(kexec_load);
	DENIED(kexec_file_load);
	DENIED(bpf);
	DENIED(perf_event_open);
	DENIED(ptrace);
	DENIED(process_vm_readv);
	DENIED(process_vm_writev);
	DENIED(userfaultfd);
	DENIED(add_key);
	DENIED(request_key);
	DENIED(keyctl);
	DENIED(reboot);
	DENIED(swapon);
	DENIED(swapoff);
	DENIED(acct);
	DENIED(quotactl);
	DENIED(quotactl_fd);
	DENIED(syslog);
	DENIED(vhangup);
	DENIED(settimeofday);
	DENIED(clock_settime);
	DENIED(adjtimex);
	DENIED(clock_adjtime);
#ifdef __NR_iopl
	DENIED(iopl);
	DENIED(ioperm);
#endif
}

static void vduse(void)
{
	VALUE(VDUSE_GET_API_VERSION);
	VALUE(VDUSE_SET_API_VERSION);
	VALUE(VDUSE_CREATE_DEV);
	VALUE(VDUSE_DESTROY_DEV);
	VALUE(VDUSE_IOTLB_GET_FD);
	VALUE(VDUSE_DEV_GET_FEATURES);
	VALUE(VDUSE_DEV_SET_CONFIG);
	VALUE(VDUSE_DEV_INJECT_CONFIG_IRQ);
	VALUE(VDUSE_VQ_SETUP);
	VALUE(VDUSE_VQ_GET_INFO);
	VALUE(VDUSE_VQ_SETUP_KICKFD);
	VALUE(VDUSE_VQ_INJECT_IRQ);
	VALUE(VDUSE_GET_VQ_STATE);
	VALUE(VDUSE_SET_STATUS);
	VALUE(VDUSE_UPDATE_IOTLB);
	SIZE(vduse_dev_config);
	FIELD(vduse_dev_config, name);
	FIELD(vduse_dev_config, vendor_id);
	FIELD(vduse_dev_config, device_id);
	FIELD(vduse_dev_config, features);
	FIELD(vduse_dev_config, vq_num);
	FIELD(vduse_dev_config, vq_align);
	FIELD(vduse_dev_config, config_size);
	FIELD(vduse_dev_config, config);
	SIZE(vduse_iotlb_entry);
	FIELD(vduse_iotlb_entry, offset);
	FIELD(vduse_iotlb_entry, start);
	FIELD(vduse_iotlb_entry, last);
	FIELD(vduse_iotlb_entry, perm);
	SIZE(vduse_config_data);
	FIELD(vduse_config_data, offset);
	FIELD(vduse_config_data, length);
	FIELD(vduse_config_data, buffer);
	SIZE(vduse_vq_config);
	FIELD(vduse_vq_config, index);
	FIELD(vduse_vq_config, max_size);
	SIZE(vduse_vq_info);
	FIELD(vduse_vq_info, index);
	FIELD(vduse_vq_info, num);
	FIELD(vduse_vq_info, desc_addr);
	FIELD(vduse_vq_info, driver_addr);
	FIELD(vduse_vq_info, device_addr);
	FIELD(vduse_vq_info, split);
	FIELD(vduse_vq_info, ready);
	SIZE(vduse_vq_eventfd);
	FIELD(vduse_vq_eventfd, index);
	FIELD(vduse_vq_eventfd, fd);
	SIZE(vduse_dev_request);
	FIELD(vduse_dev_request, type);
	FIELD(vduse_dev_request, request_id);
	FIELD(vduse_dev_request, vq_state);
	FIELD(vduse_dev_request, s);
	FIELD(vduse_dev_request, iova);
	SIZE(vduse_dev_response);
	FIELD(vduse_dev_response, request_id);
	FIELD(vduse_dev_response, result);
	FIELD(vduse_dev_response, vq_state);
	VALUE(VDUSE_REQ_RESULT_OK);
	VALUE(VDUSE_REQ_RESULT_FAILED);
	VALUE(VDUSE_ACCESS_RO);
	VALUE(VDUSE_ACCESS_WO);
	VALUE(VDUSE_ACCESS_RW);
	FIELD(vduse_dev_request, s.status);
	FIELD(vduse_dev_request, iova.start);
	FIELD(vduse_dev_request, iova.last);
	FIELD(vduse_dev_request, vq_state.index);
	FIELD(vduse_dev_response, vq_state.index);
	FIELD(vduse_dev_response, vq_state.split);
}

static void virtio(void)
{
	SIZE(vring_desc);
	FIELD(vring_desc, addr);
	FIELD(vring_desc, len);
	FIELD(vring_desc, flags);
	FIELD(vring_desc, next);
	SIZE(vring_avail);
	FIELD(vring_avail, flags);
	FIELD(vring_avail, idx);
	FIELD(vring_avail, ring);
	SIZE(vring_used);
	FIELD(vring_used, flags);
	FIELD(vring_used, idx);
	FIELD(vring_used, ring);
	SIZE(vring_used_elem);
	FIELD(vring_used_elem, id);
	FIELD(vring_used_elem, len);
	SIZE(virtio_blk_outhdr);
	FIELD(virtio_blk_outhdr, type);
	FIELD(virtio_blk_outhdr, ioprio);
	FIELD(virtio_blk_outhdr, sector);
	SIZE(virtio_blk_discard_write_zeroes);
	FIELD(virtio_blk_discard_write_zeroes, sector);
	FIELD(virtio_blk_discard_write_zeroes, num_sectors);
	FIELD(virtio_blk_discard_write_zeroes, flags);
	VALUE(VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP);
	VALUE(VRING_DESC_F_NEXT);
	VALUE(VRING_DESC_F_WRITE);
	VALUE(VRING_DESC_F_INDIRECT);
	VALUE(VRING_AVAIL_F_NO_INTERRUPT);
	VALUE(VRING_USED_F_NO_NOTIFY);
	VALUE(VIRTIO_ID_BLOCK);
}

static void virtio_numbers(void)
{
	VALUE(VIRTIO_F_VERSION_1);
	VALUE(VIRTIO_F_ACCESS_PLATFORM);
	VALUE(VIRTIO_RING_F_INDIRECT_DESC);
	VALUE(VIRTIO_RING_F_EVENT_IDX);
	VALUE(VIRTIO_CONFIG_S_ACKNOWLEDGE);
	VALUE(VIRTIO_CONFIG_S_DRIVER);
	VALUE(VIRTIO_CONFIG_S_DRIVER_OK);
	VALUE(VIRTIO_CONFIG_S_FEATURES_OK);
	VALUE(VIRTIO_CONFIG_S_FAILED);
	VALUE(VIRTIO_BLK_F_SEG_MAX);
	VALUE(VIRTIO_BLK_F_RO);
	VALUE(VIRTIO_BLK_F_BLK_SIZE);
	VALUE(VIRTIO_BLK_F_FLUSH);
	VALUE(VIRTIO_BLK_F_TOPOLOGY);
	VALUE(VIRTIO_BLK_F_MQ);
	VALUE(VIRTIO_BLK_F_DISCARD);
	VALUE(VIRTIO_BLK_F_WRITE_ZEROES);
	VALUE(VIRTIO_BLK_T_IN);
	VALUE(VIRTIO_BLK_T_OUT);
	VALUE(VIRTIO_BLK_T_FLUSH);
	VALUE(VIRTIO_BLK_T_GET_ID);
	VALUE(VIRTIO_BLK_T_DISCARD);
	VALUE(VIRTIO_BLK_T_WRITE_ZEROES);
	VALUE(VIRTIO_BLK_S_OK);
	VALUE(VIRTIO_BLK_S_IOERR);
	VALUE(VIRTIO_BLK_S_UNSUPP);
	VALUE(VIRTIO_BLK_ID_BYTES);
	SIZE(virtio_blk_config);
	FIELD(virtio_blk_config, capacity);
	FIELD(virtio_blk_config, seg_max);
	FIELD(virtio_blk_config, blk_size);
	FIELD(virtio_blk_config, physical_block_exp);
	FIELD(virtio_blk_config, min_io_size);
	FIELD(virtio_blk_config, opt_io_size);
	FIELD(virtio_blk_config, num_queues);
	FIELD(virtio_blk_config, max_discard_sectors);
	FIELD(virtio_blk_config, max_discard_seg);
	FIELD(virtio_blk_config, discard_sector_alignment);
	FIELD(virtio_blk_config, max_write_zeroes_sectors);
	FIELD(virtio_blk_config, max_write_zeroes_seg);
	FIELD(virtio_blk_config, write_zeroes_may_unmap);
}

int main(void)
{
	ublk_commands();
	ublk_numbers();
	ublk_io();
	ublk_control();
	ublk_params_basic();
	ublk_params_rest();
	uring_params();
	uring_entries();
	uring_calls();
	file_status();
	call_flags();
	error_numbers();
	netlink();
	tcmu();
	confine();
	vduse();
	virtio();
	virtio_numbers();
	return 0;
}
