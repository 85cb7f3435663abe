/** One operation a volume at a time. */
@NullMarked
package io.ublkcsi.common.guard;

import org.jspecify.annotations.NullMarked;
