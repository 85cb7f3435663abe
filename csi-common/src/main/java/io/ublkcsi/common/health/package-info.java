/** Whether a plugin is alive and ready, over HTTP, and its metrics. */
@NullMarked
package io.ublkcsi.common.health;

import org.jspecify.annotations.NullMarked;
