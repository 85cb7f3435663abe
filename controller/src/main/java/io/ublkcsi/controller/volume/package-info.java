/** Volumes: made, grown, found, deleted. */
@NullMarked
package io.ublkcsi.controller.volume;

import org.jspecify.annotations.NullMarked;
