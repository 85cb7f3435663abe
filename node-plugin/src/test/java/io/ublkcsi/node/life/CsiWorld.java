package io.ublkcsi.node.life;

import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.ublkcsi.common.crash.CrashPoints;
import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.identity.SpecLevel;
import io.ublkcsi.common.rpc.FaultMapping;
import io.ublkcsi.common.store.FileVolumeStore;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.controller.rpc.ControllerService;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.fake.FakeEngine;
import io.ublkcsi.node.fake.FakeHost;
import io.ublkcsi.node.fake.FakePools;
import io.ublkcsi.node.holder.Holders;
import io.ublkcsi.node.process.Children;
import io.ublkcsi.node.process.Commands;
import io.ublkcsi.node.reconcile.Reconciler;
import io.ublkcsi.node.rpc.NodeService;
import io.ublkcsi.node.rpc.UseCases;
import io.ublkcsi.proto.csi.v1.ControllerGrpc;
import io.ublkcsi.proto.csi.v1.NodeGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Controller and node plugin as they are, over a file store, a fake engine and a fake machine; both can be killed at
 * any crash point and started again. One at a time in a JVM.
 */
final class CsiWorld implements AutoCloseable {
    static final String NODE = "node-1";
    /** For a machine that is busy with other things. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static final Set<String> READING =
            Set.of("Handshake", "ListDevices", "ListPools", "GetVolume", "GetSnapshot");
    private static final Set<String> QUESTIONS = Set.of("blkid", "wipefs", "cmp", "stat");

    private final FakeHost host = new FakeHost();
    private final FakePools pools = new FakePools(host);
    private final Path folder;
    private final Server engine;
    private final ManagedChannel engineChannel;
    private final CrashPoints.Observation points;
    private final List<String> uncovered = Collections.synchronizedList(new ArrayList<>());
    private volatile Consumer<String> atPoint = _ -> {};
    private volatile Process process = new Process(uncovered::add);
    private volatile Server plugins;
    private ManagedChannel channel;
    private Reconciler reconciler;
    private final StoreOpener opener;
    private VolumeStore store;

    /** How a process that starts opens the store. */
    interface StoreOpener {
        VolumeStore open() throws IOException;
    }

    /** Over files. */
    CsiWorld(Path folder) throws IOException {
        this(folder, () -> FileVolumeStore.open(folder.resolve("store")));
    }

    CsiWorld(Path folder, StoreOpener opener) throws IOException {
        this.folder = folder;
        this.opener = opener;
        this.engine = InProcessServerBuilder.forName("engine-" + folder)
                .addService(pools)
                .addService(new FakeEngine(pools, host))
                .build()
                .start();
        this.engineChannel = InProcessChannelBuilder.forName("engine-" + folder).build();
        this.points = CrashPoints.observe(this::reached);
        start();
        await().dontCatchUncaughtExceptions()
                .atMost(LIMIT)
                .until(() -> !store.pools().isEmpty());
    }

    FakeHost host() {
        return host;
    }

    FakePools pools() {
        return pools;
    }

    VolumeStore store() {
        return store;
    }

    /** Side effects that no crash point followed. */
    List<String> uncovered() {
        return List.copyOf(uncovered);
    }

    /** What happens at every crash point from now on; {@link #kill} ends the plugins there. */
    void atPoint(Consumer<String> action) {
        atPoint = action;
    }

    ControllerGrpc.ControllerBlockingStub controller() {
        return ControllerGrpc.newBlockingStub(channel).withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    NodeGrpc.NodeBlockingStub node() {
        return NodeGrpc.newBlockingStub(channel).withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** A folder below which targets are made. */
    Path path(String name) {
        return folder.resolve("kubelet").resolve(name);
    }

    boolean isDead() {
        return process.isDead();
    }

    /** Both plugins are gone, as after kill -9. For {@link #atPoint}. */
    void kill() {
        plugins.shutdownNow();
        process.kill();
    }

    /** Both plugins, newly started on what their predecessors left. */
    void restart() throws IOException {
        stop();
        start();
    }

    private void reached(String point) {
        Process owner = Process.ofThisThread(process);
        owner.covered();
        owner.checkAlive();
        atPoint.accept(point);
    }

    private void start() throws IOException {
        Process now = new Process(uncovered::add);
        process = now;
        store = opener.open();
        VolumeStore mortalStore = now.mortal(VolumeStore.class, store);
        EngineClient client = new EngineClient(ClientInterceptors.intercept(engineChannel, new Watch(now)));
        Holders holders = new Holders();
        Commands commands = (volume, command, deadline) -> {
            now.checkAlive();
            Commands.Result result = host.run(volume, command, deadline);
            if (!QUESTIONS.contains(command.getFirst())) {
                now.effect(String.join(" ", command));
            }
            return result;
        };
        UseCases cases = UseCases.in(new UseCases.Surroundings(
                mortalStore, NODE, client, host, host::mounts, commands, new Children(), holders));
        Driver driver = Driver.local(SpecLevel.V1_13);
        plugins = InProcessServerBuilder.forName("plugins-" + folder)
                .addService(new NodeService(driver, NODE, 0, cases))
                .addService(new ControllerService(
                        driver, io.ublkcsi.controller.rpc.UseCases.over(mortalStore, Clock.systemUTC())))
                .intercept(new FaultMapping())
                .build()
                .start();
        channel = InProcessChannelBuilder.forName("plugins-" + folder).build();
        try {
            reconciler = new Reconciler(mortalStore, NODE, client, host::mounts, holders);
        } catch (Process.Killed killed) {
            // By the first thing that it did, on a thread of its own.
            reconciler = null;
        }
    }

    private void stop() {
        if (reconciler != null) {
            reconciler.close();
        }
        plugins.shutdownNow();
        channel.shutdownNow();
        store.close();
    }

    @Override
    public void close() {
        stop();
        points.close();
        engineChannel.shutdownNow();
        engine.shutdownNow();
    }

    /** The way to the engine: closed once the process is dead. */
    private record Watch(Process process) implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            process.checkAlive();
            if (!READING.contains(method.getBareMethodName())) {
                process.effect(method.getBareMethodName());
            }
            return next.newCall(method, options);
        }
    }
}
