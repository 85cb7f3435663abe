/** What every kernel interface that shows a volume as a block device has in common. */
@NullMarked
package io.ublkcsi.engine.frontend;

import org.jspecify.annotations.NullMarked;
