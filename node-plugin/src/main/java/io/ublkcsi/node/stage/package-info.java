/** Volumes attached, formatted where that is safe, and mounted. */
@NullMarked
package io.ublkcsi.node.stage;

import org.jspecify.annotations.NullMarked;
