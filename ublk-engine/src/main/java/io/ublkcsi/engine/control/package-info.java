/** Attach, detach and resize: decides which devices exist; never in the way of I/O. */
@NullMarked
package io.ublkcsi.engine.control;

import org.jspecify.annotations.NullMarked;
