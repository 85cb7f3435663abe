/** A full pool makes writes wait instead of fail. */
@NullMarked
package io.ublkcsi.engine.backend.space;

import org.jspecify.annotations.NullMarked;
