package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DataPathChoice;
import io.ublkcsi.engine.frontend.DeviceFacts;
import io.ublkcsi.engine.frontend.ForeignDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Devices without a kernel: remembers what was asked for. */
public final class FakeDevices implements DeviceControl {
    public static final long SIZE_BYTES = 1 << 20;

    private final Map<VolumeKey, DeviceView> attached = new ConcurrentSkipListMap<>();
    private final Map<VolumeKey, Boolean> busy = new ConcurrentHashMap<>();
    private final List<String> calls = new ArrayList<>();
    private volatile Runnable duringAttach = () -> {};
    private volatile Consumer<EngineEvent> events = event -> {};

    /** Runs inside every attach, on its thread. */
    public void duringAttach(Runnable action) {
        duringAttach = action;
    }

    public void reportTo(Consumer<EngineEvent> listener) {
        events = listener;
    }

    /** What was asked, in order. */
    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    private synchronized void note(String call) {
        calls.add(call);
    }

    /** Makes a device's view; its counters are the caller's to fill. */
    public static DeviceView view(VolumeKey volume, int id, AttachOptions options, QueueMetrics metrics) {
        return new DeviceView(
                volume,
                options,
                DeviceState.LIVE,
                new DeviceFacts(
                        FrontendKind.UBLK,
                        id,
                        "/dev/ublkb" + id,
                        259,
                        id,
                        1,
                        options.device().depth(),
                        1 << 19,
                        List.of("USER_RECOVERY", "USER_COPY"),
                        new DataPathChoice(DataPath.USER_COPY, "a fake")),
                "asked for",
                BlockLimits.memory(SIZE_BYTES, 512),
                "",
                List.of(metrics));
    }

    @Override
    public DeviceView attach(VolumeKey volume, AttachOptions options) {
        return exclusively(volume, () -> {
            note("attach " + volume);
            duringAttach.run();
            DeviceView view =
                    attached.computeIfAbsent(volume, key -> view(key, attached.size(), options, new QueueMetrics()));
            events.accept(EngineEvent.now("attached", volume, "is " + view.path()));
            return view;
        });
    }

    @Override
    public void detach(VolumeKey volume, boolean force) {
        note("detach " + volume + (force ? " by force" : ""));
        attached.remove(volume);
    }

    @Override
    public long resize(VolumeKey volume) {
        note("resize " + volume);
        if (!isAttached(volume)) {
            throw new EngineException(Kind.NOT_FOUND, "volume " + volume + " is not attached on this node");
        }
        return 2 * SIZE_BYTES;
    }

    @Override
    public boolean isAttached(VolumeKey volume) {
        return attached.containsKey(volume);
    }

    @Override
    public List<DeviceView> devices() {
        return List.copyOf(attached.values());
    }

    @Override
    public List<ForeignDevice> foreign() {
        return List.of(new ForeignDevice(FrontendKind.UBLK, 7, "process 42"));
    }

    @Override
    public List<String> notices() {
        return List.of();
    }

    @Override
    public <T> T exclusively(VolumeKey volume, Supplier<T> operation) {
        if (busy.putIfAbsent(volume, true) != null) {
            throw new EngineException(Kind.ABORTED, "another operation on volume " + volume + " is under way");
        }
        try {
            return operation.get();
        } finally {
            busy.remove(volume);
        }
    }

    @Override
    public void whileHeld(VolumeKey volume, Runnable action) {
        note("hold " + volume);
        action.run();
        note("resume " + volume);
    }
}
