/** Native calls and memory shared with the kernel; the only package that sees jnr-ffi. */
@NullMarked
package io.ublkcsi.engine.sys;

import org.jspecify.annotations.NullMarked;
