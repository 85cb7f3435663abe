/** Deadlines. */
@NullMarked
package io.ublkcsi.common.time;

import org.jspecify.annotations.NullMarked;
