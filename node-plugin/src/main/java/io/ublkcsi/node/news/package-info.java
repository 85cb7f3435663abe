/** What the engine says of itself, told to the people whose volumes it concerns. */
@NullMarked
package io.ublkcsi.node.news;

import org.jspecify.annotations.NullMarked;
