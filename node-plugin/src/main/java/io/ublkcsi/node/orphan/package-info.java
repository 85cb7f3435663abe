/** Bytes in this node's pools that no record stands for any more. */
@NullMarked
package io.ublkcsi.node.orphan;

import org.jspecify.annotations.NullMarked;
