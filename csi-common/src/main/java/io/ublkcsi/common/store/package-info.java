/** Where controller and node plugin meet: what is wanted, and what is. */
@NullMarked
package io.ublkcsi.common.store;

import org.jspecify.annotations.NullMarked;
