/** Who holds a device or a mount. */
@NullMarked
package io.ublkcsi.node.holder;

import org.jspecify.annotations.NullMarked;
