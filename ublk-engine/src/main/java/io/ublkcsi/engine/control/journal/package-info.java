/** What an engine writes down about its devices before it changes them, for the engine after it. */
@NullMarked
package io.ublkcsi.engine.control.journal;

import org.jspecify.annotations.NullMarked;
