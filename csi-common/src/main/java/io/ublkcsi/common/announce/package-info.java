/** What people are told about their volumes, beyond the answers to calls. */
@NullMarked
package io.ublkcsi.common.announce;

import org.jspecify.annotations.NullMarked;
