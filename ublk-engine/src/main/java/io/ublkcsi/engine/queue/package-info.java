/** The threads that serve queues, one thread and one ring each, and how others talk to them. */
@NullMarked
package io.ublkcsi.engine.queue;

import org.jspecify.annotations.NullMarked;
