/** Backends that fail on purpose, from a seed: errors, delays, lost writes. */
@NullMarked
package io.ublkcsi.engine.backend.fault;

import org.jspecify.annotations.NullMarked;
