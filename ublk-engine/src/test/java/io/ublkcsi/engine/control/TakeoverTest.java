package io.ublkcsi.engine.control;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkcsi.engine.backend.memory.MemoryBackend;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.control.journal.CrashRecord;
import io.ublkcsi.engine.control.journal.Journal;
import io.ublkcsi.engine.control.journal.JournalEntry;
import io.ublkcsi.engine.control.journal.Phase;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.frontend.Frontends;
import io.ublkcsi.engine.frontend.LeftDevice.Condition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an engine does about its predecessors' devices, over a kernel that is played. */
class TakeoverTest {
    private static final VolumeKey V = new VolumeKey("pool", "v");
    private static final VolumeKey W = new VolumeKey("pool", "w");
    private static final AttachOptions OPTIONS = new AttachOptions(DeviceOptions.DEFAULT, false, false);
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(2);

    @TempDir
    private Path state;

    private final FakeFrontend kernel = new FakeFrontend();
    private long holdNs;
    private final List<EngineEvent> events = new CopyOnWriteArrayList<>();

    private Conductor engine() {
        return new Conductor(
                new Frontends(List.of(kernel)),
                (volume, readOnly, noDiscard) -> new MemoryBackend(1 << 20, 512),
                Journal.open(state),
                events::add,
                holdNs);
    }

    /** Threads of the takeover write into the folder, which is removed now. */
    @AfterEach
    void awaitThreads() {
        await(() -> Journal.open(state).read().entries().stream()
                .noneMatch(entry -> entry.crashes().marked()));
    }

    private Conductor nextEngine() {
        events.clear();
        kernel.calls.clear();
        Conductor next = engine();
        next.takeOver(false, PATIENCE_NS);
        return next;
    }

    /** For what a thread of the takeover does; a wrong one fails after the deadline. */
    private static void await(BooleanSupplier holds) {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadlineNs);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    private List<String> kinds() {
        return events.stream().map(EngineEvent::kind).toList();
    }

    private static List<DeviceState> states(Conductor engine) {
        return engine.devices().stream().map(DeviceView::state).toList();
    }

    private void die() {
        kernel.devices.values().forEach(FakeFrontend.Device::leave);
    }

    private void rewrite(VolumeKey volume, UnaryOperator<JournalEntry> change) {
        Journal journal = Journal.open(state);
        JournalEntry entry = journal.read().entries().stream()
                .filter(one -> one.volume().equals(volume))
                .findFirst()
                .orElseThrow();
        journal.put(change.apply(entry));
    }

    @Test
    void whatIsLeftIsServedAgainWithItsOptions() {
        AttachOptions options = new AttachOptions(new DeviceOptions(null, null, 1, 64, 8192, false), true, true);
        engine().attach(V, options);
        die();
        Conductor next = nextEngine();
        assertThat(kinds()).containsExactly("recovered");
        assertThat(kernel.calls).containsExactly("fence 0", "adopt 0");
        assertThat(next.devices()).extracting(DeviceView::options).containsExactly(options);
        assertThat(next.attach(V, options).path()).isEqualTo("/dev/fake0");
        next.detach(V, false);
        assertThat(kernel.devices).isEmpty();
        assertThat(Journal.open(state).read().entries()).isEmpty();
    }

    @Test
    void aVolumeWhoseDeviceNobodyCouldAskForIsKept() {
        engine().attach(V, OPTIONS);
        die();
        kernel.silent = true;
        Conductor next = nextEngine();
        assertThat(kinds()).containsExactly("damaged");
        assertThat(next.notices()).singleElement().asString().contains("starting the engine again");
        assertRefused(Kind.FAILED_PRECONDITION, "starting the engine again", () -> next.attach(V, OPTIONS));
        kernel.silent = false;
        nextEngine();
        assertThat(kinds()).containsExactly("recovered");
    }

    @Test
    void anAttachThatWasCutOffIsTakenAway() {
        kernel.duringStart = () -> {
            throw new FakeFrontend.Death();
        };
        Conductor first = engine();
        assertThatThrownBy(() -> first.attach(V, OPTIONS)).isInstanceOf(FakeFrontend.Death.class);
        kernel.duringStart = () -> {};
        Conductor next = nextEngine();
        assertThat(kinds()).containsExactly("discarded");
        assertThat(kernel.devices).isEmpty();
        assertThat(next.devices()).isEmpty();
        next.attach(V, OPTIONS);
    }

    @Test
    void aDetachThatWasCutOffMayBeAskedForAgain() {
        engine().attach(V, OPTIONS);
        die();
        rewrite(V, entry -> entry.with(Phase.DETACHING));
        Conductor next = nextEngine();
        assertThat(states(next)).containsExactly(DeviceState.LIVE);
        next.detach(V, false);
        assertThat(kernel.devices).isEmpty();
    }

    @Test
    void aDeviceThatIsGoneIsForgottenAndTold() {
        engine().attach(V, OPTIONS);
        kernel.devices.clear();
        Conductor next = nextEngine();
        assertThat(kinds()).containsExactly("lost");
        assertThat(next.isAttached(V)).isFalse();
    }

    @Test
    void afterARebootDevicesAreMadeAgain() {
        engine().attach(V, OPTIONS);
        engine().attach(W, OPTIONS);
        kernel.devices.clear();
        rewrite(V, entry -> ofAnotherBoot(entry));
        rewrite(W, entry -> ofAnotherBoot(entry).with(Phase.DETACHING));
        Conductor next = nextEngine();
        await(() -> !next.devices().isEmpty());
        assertThat(next.devices()).extracting(DeviceView::volume).containsExactly(V);
        assertThat(kernel.calls).containsExactly("start 2");
    }

    private static JournalEntry ofAnotherBoot(JournalEntry entry) {
        return new JournalEntry(
                "earlier",
                entry.volume(),
                entry.phase(),
                entry.frontend(),
                entry.token(),
                entry.device(),
                entry.options(),
                entry.crashes());
    }

    @Test
    void aDamagedEntryLeavesItsDeviceAloneAndTheOthersGoOn() throws IOException {
        Conductor first = engine();
        first.attach(V, OPTIONS);
        first.attach(W, OPTIONS);
        die();
        Files.writeString(state.resolve("journal/pool/v.json"), "{");
        Conductor next = nextEngine();
        assertThat(kernel.calls).containsExactly("fence 1", "adopt 1");
        assertThat(kinds()).containsExactlyInAnyOrder("damaged", "recovered");
        assertThat(kernel.devices.get(0).left().condition()).isEqualTo(Condition.WAITING);
        assertThat(next.isAttached(V)).isTrue();
        assertRefused(Kind.FAILED_PRECONDITION, "ublk-csi release", () -> next.attach(V, OPTIONS));
        assertThat(next.notices()).singleElement().asString().contains("pool/v", "ublk-csi release --force");
        Files.delete(state.resolve("journal/pool/v.json"));
        assertThat(next.notices()).isEmpty();
        next.attach(V, OPTIONS);
    }

    @Test
    void whatNobodyOwnsIsTakenAwayUnlessSomebodyUsesIt() throws IOException {
        Conductor first = engine();
        first.attach(V, OPTIONS);
        first.attach(W, OPTIONS);
        die();
        kernel.inUse.add(1);
        Files.delete(state.resolve("journal/pool/v.json"));
        Files.delete(state.resolve("journal/pool/w.json"));
        nextEngine();
        assertThat(kernel.calls).containsExactly("discard 0");
        assertThat(kernel.devices).containsOnlyKeys(1);
    }

    @Test
    void devicesOfOthersAreLeftAlone(@TempDir Path another) {
        kernel.start("theirs", Journal.open(another).newToken(), new MemoryBackend(4096, 512), DeviceOptions.DEFAULT);
        kernel.start("foreign", new DeviceToken(42), new MemoryBackend(4096, 512), DeviceOptions.DEFAULT);
        die();
        nextEngine();
        assertThat(kernel.calls).isEmpty();
        assertThat(kernel.devices).hasSize(2);
    }

    @Test
    void oneThatCannotBeServedWaitsAndHoldsUpNoOther() {
        Conductor first = engine();
        first.attach(V, OPTIONS);
        first.attach(W, OPTIONS);
        die();
        kernel.refusals.put(0, "its pool is away");
        Conductor next = nextEngine();
        assertThat(states(next)).containsExactly(DeviceState.QUIESCED, DeviceState.LIVE);
        assertThat(next.devices().getFirst().reason()).isEqualTo("its pool is away");
        kernel.refusals.clear();
        await(() -> states(next).getFirst() == DeviceState.LIVE);
        assertThat(states(next)).containsExactly(DeviceState.LIVE, DeviceState.LIVE);
    }

    @Test
    void oneThatEnginesDiedOfIsIsolatedUntilSomebodyAsks() {
        Conductor first = engine();
        first.attach(V, OPTIONS);
        first.attach(W, OPTIONS);
        die();
        rewrite(V, entry -> entry.with(new CrashRecord(false, false, 3, 0, 0)));
        Conductor next = nextEngine();
        await(() -> kinds().contains("isolated"));
        assertThat(states(next)).containsExactly(DeviceState.ISOLATED, DeviceState.LIVE);
        assertThat(next.devices().getFirst().reason()).contains("ublk-csi attach pool/v");
        assertThat(next.attach(V, OPTIONS).state()).isEqualTo(DeviceState.LIVE);
        assertThat(Journal.open(state).read().entries().getFirst().crashes()).isEqualTo(CrashRecord.CLEAN);
    }

    @Test
    void aMarkIsThereWhileADeviceIsTakenOverAndGoesWithTheDebt() {
        engine().attach(V, OPTIONS);
        die();
        nextEngine();
        await(() -> Journal.open(state).read().entries().getFirst().crashes().equals(CrashRecord.CLEAN));
    }

    @Test
    void handOverLeavesEverythingToTheNext() {
        Conductor first = engine();
        first.attach(V, OPTIONS);
        first.handOver();
        assertThat(kinds()).containsExactly("attached", "handed_over");
        assertThat(states(nextEngine())).containsExactly(DeviceState.LIVE);
    }

    @Test
    void ioThatIsHeldForTooLongFails() {
        engine().attach(V, OPTIONS);
        die();
        kernel.refusals.put(0, "its pool is away");
        holdNs = 1;
        Conductor next = nextEngine();
        await(() -> kinds().contains("hold_ended"));
        assertThat(next.isAttached(V)).isFalse();
        assertThat(kernel.devices).isEmpty();
    }
}
