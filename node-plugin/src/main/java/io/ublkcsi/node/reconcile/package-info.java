/** Makes the node's volumes and snapshots what the store wants. */
@NullMarked
package io.ublkcsi.node.reconcile;

import org.jspecify.annotations.NullMarked;
