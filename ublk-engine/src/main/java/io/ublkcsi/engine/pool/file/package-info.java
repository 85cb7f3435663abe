/** Pools that are directories; a volume is a raw image and its record. */
@NullMarked
package io.ublkcsi.engine.pool.file;

import org.jspecify.annotations.NullMarked;
