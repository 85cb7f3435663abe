/** The controller as a program. */
@NullMarked
package io.ublkcsi.controller.cli;

import org.jspecify.annotations.NullMarked;
