package io.ublkcsi.engine.uring;

/** {@code struct io_uring_getevents_arg} (include/uapi/linux/io_uring.h). */
final class GeteventsArg {
    static final int LENGTH = 24;
    static final int TS = 16;

    private GeteventsArg() {}
}
