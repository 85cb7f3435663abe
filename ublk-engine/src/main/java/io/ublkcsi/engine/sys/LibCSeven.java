package io.ublkcsi.engine.sys;

/**
 * {@code syscall} with all six kernel arguments: correct, but 200 ns slower, so kept off the I/O path. Public as
 * {@link LibC}.
 */
public interface LibCSeven {
    long syscall(long number, long a, long b, long c, long d, long e, long f);
}
