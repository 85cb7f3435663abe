/** The CSI node service: from messages to orders, from results to messages. */
@NullMarked
package io.ublkcsi.node.rpc;

import org.jspecify.annotations.NullMarked;
