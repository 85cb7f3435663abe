/** What is on a device, and the tools of each file system. */
@NullMarked
package io.ublkcsi.node.filesystem;

import org.jspecify.annotations.NullMarked;
