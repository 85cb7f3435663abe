package io.ublkcsi.engine.sys;

/** {@code struct pollfd} (include/uapi/asm-generic/poll.h). */
public final class PollFd {
    public static final int LENGTH = 8;
    public static final int FD = 0;
    public static final int EVENTS = 4;
    public static final int REVENTS = 6;

    public static final short POLLIN = 1;
    public static final short POLLERR = 8;

    private PollFd() {}
}
