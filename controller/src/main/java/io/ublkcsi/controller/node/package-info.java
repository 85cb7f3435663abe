/** What became of the nodes that volumes live on. */
@NullMarked
package io.ublkcsi.controller.node;

import org.jspecify.annotations.NullMarked;
