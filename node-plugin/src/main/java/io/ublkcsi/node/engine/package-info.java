/** The engine's API as the node plugin uses it, and the devices that it shows. */
@NullMarked
package io.ublkcsi.node.engine;

import org.jspecify.annotations.NullMarked;
