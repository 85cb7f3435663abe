/** What can go wrong, in sentences, and the status codes for it. */
@NullMarked
package io.ublkcsi.common.fault;

import org.jspecify.annotations.NullMarked;
