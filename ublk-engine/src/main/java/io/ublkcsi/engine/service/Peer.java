package io.ublkcsi.engine.service;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.util.AsciiString;
import java.io.IOException;

/**
 * Who is at the other end of a connection, as the kernel says (SO_PEERCRED). The folder of the socket keeps others out;
 * this holds when somebody loosened that. grpc-netty has no public way to hand a connection's credentials to its calls,
 * so this is a protocol negotiator, by its internal names.
 */
final class Peer {
    /** User id of the client; absent when the kernel did not say. */
    static final Attributes.Key<Integer> UID = Attributes.Key.create("io.ublkcsi.engine.peer-uid");

    private static final int ROOT = 0;

    private Peer() {}

    /** Answers PERMISSION_DENIED to everybody but root and the engine's own user. */
    static ServerInterceptor allowRootAnd(int ownUid) {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                Integer uid = call.getAttributes().get(UID);
                if (uid != null && (uid == ROOT || uid == ownUid)) {
                    return next.startCall(call, headers);
                }
                call.close(
                        Status.PERMISSION_DENIED.withDescription(
                                "user " + uid + " may not use this engine: call it as root or as user " + ownUid),
                        new Metadata());
                return new ServerCall.Listener<>() {};
            }
        };
    }

    /** Plain HTTP/2 whose calls carry {@link #UID}. */
    static final class Negotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
        @Override
        public AsciiString scheme() {
            return AsciiString.of("http");
        }

        @Override
        public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
            ChannelHandler next = InternalProtocolNegotiators.grpcNegotiationHandler(grpc);
            return InternalProtocolNegotiators.waitUntilActiveHandler(
                    new CredentialsHandler(next), grpc.getNegotiationLogger());
        }

        @Override
        public void close() {}
    }

    /** Adds the peer's user id to the connection's attributes, once, on the event loop. */
    private static final class CredentialsHandler extends ChannelInboundHandlerAdapter {
        private final ChannelHandler next;

        CredentialsHandler(ChannelHandler next) {
            this.next = next;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
            if (!(event instanceof ProtocolNegotiationEvent negotiated)) {
                super.userEventTriggered(context, event);
                return;
            }
            Attributes attributes = InternalProtocolNegotiationEvent.getAttributes(negotiated).toBuilder()
                    .set(UID, uid(context))
                    .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, context.channel().remoteAddress())
                    .build();
            context.pipeline().replace(this, null, next);
            context.fireUserEventTriggered(InternalProtocolNegotiationEvent.withAttributes(negotiated, attributes));
        }

        private static int uid(ChannelHandlerContext context) throws IOException {
            return ((EpollDomainSocketChannel) context.channel())
                    .peerCredentials()
                    .uid();
        }
    }
}
