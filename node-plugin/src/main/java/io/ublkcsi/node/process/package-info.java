/** Programs that the plugin runs, with deadlines. */
@NullMarked
package io.ublkcsi.node.process;

import org.jspecify.annotations.NullMarked;
