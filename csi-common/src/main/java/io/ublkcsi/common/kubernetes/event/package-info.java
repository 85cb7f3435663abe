/** Kubernetes Events. */
@NullMarked
package io.ublkcsi.common.kubernetes.event;

import org.jspecify.annotations.NullMarked;
