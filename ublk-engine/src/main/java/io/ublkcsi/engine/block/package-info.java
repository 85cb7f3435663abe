/** The seam where frontends and backends meet: requests as tags, limits, buffers. */
@NullMarked
package io.ublkcsi.engine.block;

import org.jspecify.annotations.NullMarked;
