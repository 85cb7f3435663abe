/** Fields of requests, checked. */
@NullMarked
package io.ublkcsi.common.validation;

import org.jspecify.annotations.NullMarked;
