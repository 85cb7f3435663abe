/** The CSI controller service: from messages to orders, from results to messages. */
@NullMarked
package io.ublkcsi.controller.rpc;

import org.jspecify.annotations.NullMarked;
