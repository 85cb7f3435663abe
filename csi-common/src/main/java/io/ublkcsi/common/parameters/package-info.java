/** StorageClass parameters and mount flags, checked. */
@NullMarked
package io.ublkcsi.common.parameters;

import org.jspecify.annotations.NullMarked;
