/** Named points in the code at which tests end the process. */
@NullMarked
package io.ublkcsi.common.crash;

import org.jspecify.annotations.NullMarked;
