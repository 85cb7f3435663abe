/** How much room there is for new volumes. */
@NullMarked
package io.ublkcsi.controller.capacity;

import org.jspecify.annotations.NullMarked;
