/** The taint that keeps pods away from a node that can't mount their volumes yet. */
@NullMarked
package io.ublkcsi.node.taint;

import org.jspecify.annotations.NullMarked;
