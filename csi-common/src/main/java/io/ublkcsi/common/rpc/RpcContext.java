package io.ublkcsi.common.rpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.ublkcsi.common.time.Deadline;
import java.time.Duration;

/**
 * What belongs to the call that the present thread works on: its id, under which every process logs, and its deadline.
 */
public final class RpcContext {
    /** Name of the id in the log's context and, as a header, on the way to the engine. */
    public static final String RPC_ID = "rpc";

    /** Name of the volume or snapshot in the log's context. */
    public static final String VOLUME_ID = "volume";

    static final Metadata.Key<String> HEADER = Metadata.Key.of("ublk-csi-rpc-id", Metadata.ASCII_STRING_MARSHALLER);
    static final Context.Key<String> ID = Context.key("rpc-id");
    static final Context.Key<Deadline> DEADLINE = Context.key("deadline");

    /** For callers that name no deadline, csi-sanity among them. */
    static final Duration WITHOUT_DEADLINE = Duration.ofSeconds(110);

    private RpcContext() {}

    /** The id of the call under way; {@code background} outside of one. */
    public static String id() {
        String id = ID.get();
        return id == null ? "background" : id;
    }

    /** By when the call under way has to be answered: a little before its caller stops listening. */
    public static Deadline deadline() {
        Deadline deadline = DEADLINE.get();
        return deadline == null ? Deadline.in(WITHOUT_DEADLINE) : deadline;
    }
}
