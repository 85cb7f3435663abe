/** The mount table, and changes to it. */
@NullMarked
package io.ublkcsi.node.mount;

import org.jspecify.annotations.NullMarked;
