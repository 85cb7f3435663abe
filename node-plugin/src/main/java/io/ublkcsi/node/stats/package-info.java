/** Usage and health of published volumes. */
@NullMarked
package io.ublkcsi.node.stats;

import org.jspecify.annotations.NullMarked;
