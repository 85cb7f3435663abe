/** Block devices through the kernel's {@code ublk_drv}. */
@NullMarked
package io.ublkcsi.engine.frontend.ublk;

import org.jspecify.annotations.NullMarked;
