package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DataPathChoice;
import io.ublkcsi.engine.frontend.DeviceFacts;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.frontend.Frontend;
import io.ublkcsi.engine.frontend.FrontendDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.LeftDevice;
import io.ublkcsi.engine.frontend.LeftDevice.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A kernel whose devices outlive the engine that made them, without a kernel. */
final class FakeFrontend implements Frontend {
    private static final BlockLimits LIMITS = BlockLimits.memory(1 << 20, 512);

    /** What the kernel has. */
    final Map<Integer, Device> devices = new ConcurrentSkipListMap<>();
    /** Numbers of devices that refuse to be adopted, with the sentence. */
    final Map<Integer, String> refusals = new ConcurrentHashMap<>();
    /** Numbers of devices that somebody has open. */
    final Set<Integer> inUse = ConcurrentHashMap.newKeySet();
    /** What was done, in order. */
    final List<String> calls = new ArrayList<>();

    private int next;
    /** Whether it answers no question for what it has. */
    boolean silent;

    /** Called in the middle of a start; an engine dies there by throwing {@link Death}. */
    Runnable duringStart = () -> {};

    static final class Death extends Error {
        private static final long serialVersionUID = 1;
    }

    final class Device implements FrontendDevice {
        private final int id;
        private final DeviceToken token;
        private Condition condition = Condition.DEAD;

        Device(int id, DeviceToken token) {
            this.id = id;
            this.token = token;
        }

        /** Its engine has died. */
        void leave() {
            condition = Condition.WAITING;
        }

        @Override
        public DeviceFacts facts() {
            DataPathChoice path = new DataPathChoice(DataPath.USER_COPY, "a fake");
            return new DeviceFacts(FrontendKind.UBLK, id, "/dev/fake" + id, 1, id, 1, 128, 4096, List.of(), path);
        }

        LeftDevice left() {
            return new LeftDevice(facts(), LIMITS, token, condition);
        }

        @Override
        public long sizeBytes() {
            return LIMITS.sizeBytes();
        }

        @Override
        public void resize() {}

        @Override
        public void stop(boolean force) {
            if (!force && inUse.contains(id)) {
                throw new EngineException(Kind.FAILED_PRECONDITION, "in use");
            }
            note("stop " + id);
            devices.remove(id);
        }

        @Override
        public void handOver() {
            note("hand over " + id);
            leave();
        }

        @Override
        public void hold() {}

        @Override
        public void resume() {}

        @Override
        public void onFailure(Consumer<Throwable> listener) {}

        @Override
        public List<QueueMetrics> metrics() {
            return List.of();
        }
    }

    synchronized void note(String call) {
        calls.add(call);
    }

    @Override
    public FrontendKind kind() {
        return FrontendKind.UBLK;
    }

    @Override
    public @Nullable String obstacle() {
        return null;
    }

    @Override
    public FrontendDevice start(String volume, DeviceToken token, Backend backend, DeviceOptions options) {
        Device device = new Device(next++, token);
        devices.put(device.id, device);
        duringStart.run();
        device.condition = Condition.SERVED;
        note("start " + device.id);
        return device;
    }

    @Override
    public List<LeftDevice> left() {
        if (silent) {
            throw new EngineException(Kind.DEADLINE_EXCEEDED, "no answer");
        }
        return devices.values().stream().map(Device::left).toList();
    }

    @Override
    public void fence(LeftDevice left, long patienceNs) {
        note("fence " + left.facts().id());
    }

    @Override
    public FrontendDevice adopt(LeftDevice left, Backend backend) {
        int id = left.facts().id();
        String refusal = refusals.get(id);
        if (refusal != null) {
            throw new EngineException(Kind.FAILED_PRECONDITION, refusal);
        }
        note("adopt " + id);
        Device device = devices.get(id);
        device.condition = Condition.SERVED;
        return device;
    }

    @Override
    public void discard(LeftDevice left, boolean force) {
        if (!force && inUse.contains(left.facts().id())) {
            throw new EngineException(Kind.FAILED_PRECONDITION, "in use");
        }
        note("discard " + left.facts().id());
        devices.remove(left.facts().id());
    }
}
