/** Volumes that are copied as they are at one moment while they are served: a write waits for what it overwrites. */
@NullMarked
package io.ublkcsi.engine.backend.cut;

import org.jspecify.annotations.NullMarked;
