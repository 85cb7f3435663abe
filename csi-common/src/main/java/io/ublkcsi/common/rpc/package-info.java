/** gRPC on Unix sockets: server, channel, log of requests. */
@NullMarked
package io.ublkcsi.common.rpc;

import org.jspecify.annotations.NullMarked;
