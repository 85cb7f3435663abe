/** The CSI identity service. */
@NullMarked
package io.ublkcsi.common.identity;

import org.jspecify.annotations.NullMarked;
