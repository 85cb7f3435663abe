/** Staged volumes shown to pods. */
@NullMarked
package io.ublkcsi.node.publish;

import org.jspecify.annotations.NullMarked;
