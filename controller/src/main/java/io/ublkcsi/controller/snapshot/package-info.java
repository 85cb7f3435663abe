/** Snapshots: taken, listed, deleted. */
@NullMarked
package io.ublkcsi.controller.snapshot;

import org.jspecify.annotations.NullMarked;
