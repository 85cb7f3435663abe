package io.ublkcsi.common.rpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.util.concurrent.TimeUnit;

/** A client's channel to a Unix socket. Calls carry the RPC id of the call that made them, for the other side's log. */
public final class UnixChannel implements AutoCloseable {
    private final EventLoopGroup eventLoops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ManagedChannel channel;

    /** Connects with the first call, and again whenever the other side was restarted. */
    public UnixChannel(Endpoint endpoint) {
        this.channel = NettyChannelBuilder.forAddress(
                        new DomainSocketAddress(endpoint.socket().toString()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(eventLoops)
                .overrideAuthority("localhost")
                .usePlaintext()
                .intercept(rpcId())
                .build();
    }

    /** For stubs. */
    public Channel channel() {
        return channel;
    }

    /** Sends the id of the call under way along as a header. */
    public static ClientInterceptor rpcId() {
        return new ClientInterceptor() {
            @Override
            public <Q, A> ClientCall<Q, A> interceptCall(
                    MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<A> listener, Metadata headers) {
                        headers.put(RpcContext.HEADER, RpcContext.id());
                        super.start(listener, headers);
                    }
                };
            }
        };
    }

    @Override
    public void close() {
        channel.shutdownNow();
        eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
