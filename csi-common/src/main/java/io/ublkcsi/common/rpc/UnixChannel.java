package io.ublkcsi.common.rpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
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
    private static final long RECONNECT_MS = 200;

    private final EventLoopGroup eventLoops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ManagedChannel channel;

    /**
     * Connects with the first call, and again whenever the other side was restarted: while it is away this is tried
     * every moment, and not, as gRPC would, less and less often. A socket on this machine is a cheap thing to try.
     */
    public UnixChannel(Endpoint endpoint) {
        this.channel = NettyChannelBuilder.forAddress(
                        new DomainSocketAddress(endpoint.socket().toString()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(eventLoops)
                .overrideAuthority("localhost")
                .usePlaintext()
                .intercept(rpcId())
                .build();
        var _ = eventLoops.scheduleWithFixedDelay(this::hurry, RECONNECT_MS, RECONNECT_MS, TimeUnit.MILLISECONDS);
    }

    private void hurry() {
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            channel.resetConnectBackoff();
        }
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
