package io.ublkcsi.common.rpc;

import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.ublkcsi.common.time.Deadline;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Gives each call its id and deadline, and writes one line at its end: method, volume, status, time. At debug level the
 * request as well, without its secrets.
 */
public final class RequestLog implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);
    /** Kept back from the caller's deadline, so that the answer still reaches it. */
    private static final Duration ANSWER_MARGIN = Duration.ofMillis(300);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String given = headers.get(RpcContext.HEADER);
        String id = given != null && given.matches("[A-Za-z0-9-]{1,64}")
                ? given
                : String.format("%08x", ThreadLocalRandom.current().nextInt());
        Context context = Context.current().withValue(RpcContext.ID, id).withValue(RpcContext.DEADLINE, deadline());
        Line line = new Line(call.getMethodDescriptor().getBareMethodName(), id);
        ServerCall<Q, A> logged = new SimpleForwardingServerCall<>(call) {
            @Override
            public void close(Status status, Metadata trailers) {
                line.write(status);
                super.close(status, trailers);
            }
        };
        return new Logged<>(Contexts.interceptCall(context, logged, headers, next), line);
    }

    private static Deadline deadline() {
        io.grpc.Deadline callers = Context.current().getDeadline();
        if (callers == null) {
            return Deadline.in(RpcContext.WITHOUT_DEADLINE);
        }
        return Deadline.in(Duration.ofNanos(callers.timeRemaining(TimeUnit.NANOSECONDS)))
                .minus(ANSWER_MARGIN);
    }

    /** Puts the log's context in place around the work, which runs in {@link #onHalfClose}. */
    private static final class Logged<Q> extends SimpleForwardingServerCallListener<Q> {
        private final Line line;

        Logged(ServerCall.Listener<Q> next, Line line) {
            super(next);
            this.line = line;
        }

        @Override
        public void onMessage(Q message) {
            if (message instanceof Message request) {
                line.subject = Redaction.subjectOf(request);
                if (LOG.isDebugEnabled()) {
                    LOG.debug("{} {} begins: {}", line.id, line.method, Redaction.withoutSecrets(request));
                }
            }
            super.onMessage(message);
        }

        @Override
        public void onHalfClose() {
            MDC.put(RpcContext.RPC_ID, line.id);
            MDC.put(RpcContext.VOLUME_ID, line.subject);
            try {
                super.onHalfClose();
            } finally {
                MDC.remove(RpcContext.RPC_ID);
                MDC.remove(RpcContext.VOLUME_ID);
            }
        }
    }

    /** The one line of a call. */
    private static final class Line {
        private final String method;
        private final String id;
        private final long beganNs = System.nanoTime();
        private volatile String subject = "-";

        Line(String method, String id) {
            this.method = method;
            this.id = id;
        }

        void write(Status status) {
            long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs);
            if (status.isOk()) {
                LOG.info("{} {} {} OK {} ms", id, method, subject, ms);
            } else {
                LOG.warn("{} {} {} {} {} ms: {}", id, method, subject, status.getCode(), ms, status.getDescription());
            }
        }
    }
}
