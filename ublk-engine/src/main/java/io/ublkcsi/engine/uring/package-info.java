/** One io_uring: submission and completion queue, without knowing what they carry. */
@NullMarked
package io.ublkcsi.engine.uring;

import org.jspecify.annotations.NullMarked;
