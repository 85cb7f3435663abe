/** Where volumes come from: kinds of pools, their volumes and snapshots. */
@NullMarked
package io.ublkcsi.engine.pool;

import org.jspecify.annotations.NullMarked;
