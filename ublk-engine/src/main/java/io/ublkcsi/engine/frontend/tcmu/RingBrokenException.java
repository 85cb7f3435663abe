package io.ublkcsi.engine.frontend.tcmu;

/** The memory that the kernel shares with us does not hold what it should. Ends its device, and no other. */
final class RingBrokenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RingBrokenException(String message) {
        super(message);
    }
}
