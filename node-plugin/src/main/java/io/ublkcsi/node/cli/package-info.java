/** The node plugin as a program. */
@NullMarked
package io.ublkcsi.node.cli;

import org.jspecify.annotations.NullMarked;
