package io.ublkcsi.common.rpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.fault.StatusMapping;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a call whose method threw with the status that {@link StatusMapping} has for it. */
public final class FaultMapping implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(FaultMapping.class);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            @Override
            public void onHalfClose() {
                try {
                    super.onHalfClose();
                } catch (RuntimeException failure) {
                    if (!(failure instanceof CsiFault) || failure.getCause() != null) {
                        LOG.error("{} failed", call.getMethodDescriptor().getBareMethodName(), failure);
                    }
                    call.close(StatusMapping.toStatus(failure), new Metadata());
                }
            }
        };
    }
}
