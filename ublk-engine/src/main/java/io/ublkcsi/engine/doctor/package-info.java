/** Finds out what this node can do and what is missing; changes nothing. */
@NullMarked
package io.ublkcsi.engine.doctor;

import org.jspecify.annotations.NullMarked;
