package io.ublkcsi.engine.uring;

/** {@code struct io_uring_rsrc_update} (include/uapi/linux/io_uring.h), as REGISTER_FILES_UPDATE takes it. */
final class FilesUpdate {
    static final int LENGTH = 16;
    static final int OFFSET = 0;
    static final int DATA = 8;

    private FilesUpdate() {}
}
