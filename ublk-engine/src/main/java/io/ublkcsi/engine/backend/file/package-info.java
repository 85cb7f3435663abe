/** Volumes as raw sparse images in a directory. */
@NullMarked
package io.ublkcsi.engine.backend.file;

import org.jspecify.annotations.NullMarked;
