/** Checks of the sources themselves, of every module. */
@NullMarked
package io.ublkcsi.e2e.source;

import org.jspecify.annotations.NullMarked;
