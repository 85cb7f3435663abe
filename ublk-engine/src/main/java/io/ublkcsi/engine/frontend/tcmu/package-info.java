/**
 * Volumes as SCSI disks, by the kernel's target_core_user and tcm_loop: for nodes that have neither ublk nor VDUSE.
 */
@NullMarked
package io.ublkcsi.engine.frontend.tcmu;

import org.jspecify.annotations.NullMarked;
