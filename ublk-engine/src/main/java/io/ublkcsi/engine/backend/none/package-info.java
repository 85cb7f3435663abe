/** Volumes that move no data: what the path itself costs. */
@NullMarked
package io.ublkcsi.engine.backend.none;

import org.jspecify.annotations.NullMarked;
