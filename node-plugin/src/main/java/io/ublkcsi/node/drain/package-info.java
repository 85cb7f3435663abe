/** Staying until a node that is being drained has given its volumes back. */
@NullMarked
package io.ublkcsi.node.drain;

import org.jspecify.annotations.NullMarked;
