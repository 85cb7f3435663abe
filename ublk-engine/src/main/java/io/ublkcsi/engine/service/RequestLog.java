package io.ublkcsi.engine.service;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/**
 * One line a call: RPC, pool, volume, the caller's own id for it, outcome and duration. Calls that only read are logged
 * at debug, failures at warn.
 */
final class RequestLog implements ServerInterceptor {
    /** The caller's name for what it is doing; CSI's calls are followed through the programs by it. */
    static final Metadata.Key<String> RPC_ID = Metadata.Key.of("ublk-csi-rpc-id", Metadata.ASCII_STRING_MARSHALLER);

    private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);
    private static final String MDC_RPC_ID = "rpcId";
    private static final int MAX_RPC_ID = 64;
    private static final List<String> SUBJECTS = List.of("pool", "volume_id", "snapshot_id", "source_volume_id");
    private static final List<String> READS = List.of("Get", "List", "Handshake", "Watch");

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Entry entry = new Entry(call.getMethodDescriptor().getBareMethodName(), headers.get(RPC_ID));
        ServerCall<Q, A> logged = new SimpleForwardingServerCall<>(call) {
            @Override
            public void close(Status status, Metadata trailers) {
                entry.ended(status);
                super.close(status, trailers);
            }
        };
        return new SimpleForwardingServerCallListener<>(next.startCall(logged, headers)) {
            @Override
            public void onMessage(Q message) {
                entry.subject = subject(message);
                super.onMessage(message);
            }

            @Override
            public void onHalfClose() {
                try (MDC.MDCCloseable _ = MDC.putCloseable(MDC_RPC_ID, entry.rpcId)) {
                    super.onHalfClose();
                }
            }

            @Override
            public void onCancel() {
                entry.ended(Status.CANCELLED.withDescription("the caller went away"));
                super.onCancel();
            }
        };
    }

    private static String subject(Object message) {
        StringBuilder subject = new StringBuilder();
        if (message instanceof Message request) {
            for (String name : SUBJECTS) {
                FieldDescriptor field = request.getDescriptorForType().findFieldByName(name);
                String value = field == null ? "" : (String) request.getField(field);
                if (!value.isEmpty()) {
                    subject.append(' ').append(name).append('=').append(oneLine(value));
                }
            }
        }
        return subject.toString();
    }

    private static String oneLine(String value) {
        return value.replaceAll("[^\\x21-\\x7e]", "?");
    }

    private static final class Entry {
        private final String rpc;
        private final String rpcId;
        private final long startNs = System.nanoTime();
        private volatile String subject = "";

        Entry(String rpc, String rpcId) {
            this.rpc = rpc;
            String id = rpcId == null ? "" : oneLine(rpcId);
            this.rpcId = id.length() > MAX_RPC_ID ? id.substring(0, MAX_RPC_ID) : id;
        }

        void ended(Status status) {
            long durationMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
            String rpcIdField = rpcId.isEmpty() ? "" : " rpcId=" + rpcId;
            String description = status.getDescription() == null ? "" : ": " + status.getDescription();
            LOG.atLevel(level(status))
                    .log(
                            "rpc={}{}{} durationMs={} {}{}",
                            rpc,
                            subject,
                            rpcIdField,
                            durationMs,
                            status.getCode(),
                            description);
        }

        private Level level(Status status) {
            if (READS.stream().anyMatch(rpc::startsWith)) {
                return Level.DEBUG;
            }
            return status.isOk() ? Level.INFO : Level.WARN;
        }
    }
}
