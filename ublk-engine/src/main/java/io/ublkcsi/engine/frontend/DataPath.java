package io.ublkcsi.engine.frontend;

/** How a request's bytes get from the kernel's pages to the backend and back. */
public enum DataPath {
    /** The kernel copies into and out of memory that it shares with us. */
    PLAIN_COPY("plain-copy", false),
    /** We read and write the request's bytes at the driver's character device, when and where we want them. */
    USER_COPY("user-copy", false),
    /** The request's own pages, registered and unregistered by command. */
    ZERO_COPY_MANUAL("zero-copy-manual", true),
    /** The request's own pages, registered by the driver as it hands the request over. */
    ZERO_COPY_AUTO("zero-copy-auto", true),
    /** As {@link #ZERO_COPY_AUTO}, with requests and results handed over many at a time. Only when it is asked for. */
    ZERO_COPY_BATCH("zero-copy-batch", true);

    private final String label;
    private final boolean zeroCopy;

    DataPath(String label, boolean zeroCopy) {
        this.label = label;
        this.zeroCopy = zeroCopy;
    }

    /** The name on the command line and in tables. */
    public String label() {
        return label;
    }

    public boolean isZeroCopy() {
        return zeroCopy;
    }

    /** Whether the end of an engine may be the end of its node: kernel 7.2 writes to a dead server's memory. */
    public boolean endangersNode() {
        return this == ZERO_COPY_BATCH;
    }
}
