/** The subcommands of {@code ublk-csi}. */
@NullMarked
package io.ublkcsi.engine.cli;

import org.jspecify.annotations.NullMarked;
