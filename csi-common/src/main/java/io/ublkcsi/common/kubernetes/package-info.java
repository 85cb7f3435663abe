/** The volume store of a cluster: custom resources, watched by informers. */
@NullMarked
package io.ublkcsi.common.kubernetes;

import org.jspecify.annotations.NullMarked;
