/** The VDUSE frontend: a volume as a virtio block device, its virtqueues served from shared memory. */
@NullMarked
package io.ublkcsi.engine.frontend.vduse;

import org.jspecify.annotations.NullMarked;
