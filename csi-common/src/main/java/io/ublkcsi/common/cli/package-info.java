/** Options that both plugins have. */
@NullMarked
package io.ublkcsi.common.cli;

import org.jspecify.annotations.NullMarked;
