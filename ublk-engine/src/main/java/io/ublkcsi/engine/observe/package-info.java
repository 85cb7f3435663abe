/** Metrics: counts what the devices do and offers it to Prometheus. */
@NullMarked
package io.ublkcsi.engine.observe;

import org.jspecify.annotations.NullMarked;
