/** The work that nobody asks for, done by one controller of several: orphans, deleted nodes, pods that wait. */
@NullMarked
package io.ublkcsi.controller.housekeeping;

import org.jspecify.annotations.NullMarked;
