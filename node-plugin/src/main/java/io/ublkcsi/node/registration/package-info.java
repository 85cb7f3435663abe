/** Making the driver known to this node's kubelet. */
@NullMarked
package io.ublkcsi.node.registration;

import org.jspecify.annotations.NullMarked;
