/** Volumes in memory, for tests and measurements. */
@NullMarked
package io.ublkcsi.engine.backend.memory;

import org.jspecify.annotations.NullMarked;
