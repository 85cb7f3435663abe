/** Long lists in pages, with tokens that survive a restart. */
@NullMarked
package io.ublkcsi.controller.page;

import org.jspecify.annotations.NullMarked;
