/** JSON, in files and for programs; the only package that sees how it is read and written, but for its trees. */
@NullMarked
package io.ublkcsi.engine.json;

import org.jspecify.annotations.NullMarked;
