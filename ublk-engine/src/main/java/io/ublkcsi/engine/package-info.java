/** Serves block devices from user space; knows neither CSI nor Kubernetes. */
@NullMarked
package io.ublkcsi.engine;

import org.jspecify.annotations.NullMarked;
