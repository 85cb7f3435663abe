package io.ublkcsi.engine.service;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.ublkcsi.engine.block.EngineException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what a call throws into its status: {@link EngineException.Kind} one to one, anything else INTERNAL with a log
 * line.
 */
final class ErrorMapping implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorMapping.class);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            @Override
            public void onHalfClose() {
                try {
                    super.onHalfClose();
                } catch (RuntimeException failure) {
                    call.close(status(call.getMethodDescriptor().getFullMethodName(), failure), new Metadata());
                }
            }
        };
    }

    private static Status status(String method, RuntimeException failure) {
        if (failure instanceof EngineException known) {
            return Status.fromCode(Status.Code.valueOf(known.kind().name())).withDescription(known.getMessage());
        }
        LOG.error("{} failed by a fault of the engine", method, failure);
        return Status.INTERNAL.withDescription("a fault of the engine: " + failure + "; its log has more");
    }
}
