package io.ublkcsi.engine.pool;

/**
 * How a volume is opened.
 *
 * @param noDiscard offer no discard, although the pool could
 */
public record OpenOptions(boolean readOnly, boolean noDiscard) {
    public static final OpenOptions READ_WRITE = new OpenOptions(false, false);
}
