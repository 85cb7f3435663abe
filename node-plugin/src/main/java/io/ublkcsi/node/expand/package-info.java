/** Volumes that grow while they are used. */
@NullMarked
package io.ublkcsi.node.expand;

import org.jspecify.annotations.NullMarked;
