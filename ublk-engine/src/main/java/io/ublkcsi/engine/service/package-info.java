/** The gRPC services of the engine, on a Unix socket: messages in, use cases out. */
@NullMarked
package io.ublkcsi.engine.service;

import org.jspecify.annotations.NullMarked;
