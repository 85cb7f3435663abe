package io.ublkcsi.engine.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.control.AttachOptions;
import io.ublkcsi.engine.control.EngineEvent;
import io.ublkcsi.engine.control.FakeDevices;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.pool.FakePool;
import io.ublkcsi.engine.pool.HeldVolume;
import io.ublkcsi.engine.pool.PoolRegistry;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the watchdog says, and that it says it once. */
class WatchdogTest {
    private static final VolumeKey VOLUME = new VolumeKey("p", "v");

    private final FakeDevices devices = new FakeDevices();
    private final PoolRegistry pools = PoolRegistry.open(List.of());
    private final FakePool pool = new FakePool("p");
    private final List<EngineEvent> events = new ArrayList<>();
    private DiskCounters disk = new DiskCounters(1000, 0);
    private final Watchdog watchdog = new Watchdog(devices, pools, events::add, path -> disk);
    private int second;

    WatchdogTest() {
        pools.add(pool);
        devices.attach(VOLUME, new AttachOptions(DeviceOptions.DEFAULT, false, false));
    }

    private void seconds(int count) {
        for (int i = 0; i < count; i++) {
            watchdog.look(TimeUnit.SECONDS.toNanos(second++));
        }
    }

    @Test
    void idleAndBusyDevicesAreNoMatter() {
        seconds(20);
        for (int i = 0; i < 20; i++) {
            disk = new DiskCounters(disk.ended() + 1, 1);
            seconds(1);
        }
        assertThat(events).isEmpty();
        assertThat(watchdog.progress().stalledRequests()).isZero();
    }

    @Test
    void aRequestThatStaysIsToldOfOnceAndWhenItGoesOn() {
        seconds(3);
        disk = new DiskCounters(1000, 4);
        seconds(StuckRequests.SECONDS);
        assertThat(events).isEmpty();

        seconds(30);

        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.kind()).isEqualTo("stalled");
            assertThat(event.volume()).isEqualTo(VOLUME);
            assertThat(event.message()).startsWith("4 of the requests of /dev/ublkb0 have made no progress for 10 s");
        });
        assertThat(watchdog.progress().stalledRequests()).isEqualTo(4);
        disk = new DiskCounters(1004, 0);
        seconds(1);
        assertThat(events).hasSize(2);
        assertThat(events.getLast().kind()).isEqualTo("resumed");
        assertThat(events.getLast().message()).contains("30 s");
        assertThat(watchdog.progress()).isEqualTo(new Progress(0, 0, 1, 30, 0, 0, 0));
    }

    /** A volume that is attached again at once is a new device with an old name. */
    @Test
    void countersThatBeginAnewAreNoStall() {
        disk = new DiskCounters(1000, 0);
        seconds(StuckRequests.SECONDS);
        for (int i = 0; i < StuckRequests.SECONDS; i++) {
            disk = new DiskCounters(10 + 20L * i, 16);
            seconds(1);
        }
        assertThat(events).isEmpty();
    }

    /** Others come and go meanwhile, fewer than are stuck. */
    @Test
    void requestsThatStayAmongOthersThatEndAreSeen() {
        disk = new DiskCounters(1000, 5);
        for (int i = 0; i < 12; i++) {
            seconds(1);
            disk = new DiskCounters(1000 + i / 4, 5);
        }
        seconds(1);
        assertThat(watchdog.progress().stalledRequests()).isBetween(1L, 5L);
    }

    /** A request that is merged into another one ends without being completed. */
    @Test
    void noMoreIsStuckThanIsUnderWay() {
        disk = new DiskCounters(1000, 500);
        seconds(1);
        disk = new DiskCounters(1100, 3);
        seconds(StuckRequests.SECONDS);
        assertThat(watchdog.progress().stalledRequests()).isEqualTo(3);
    }

    @Test
    void whatWaitsForSpaceIsNoStall() {
        disk = new DiskCounters(1000, 2);
        pool.hold(new HeldVolume("v", 2, "it is full"));
        seconds(20);
        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.kind()).isEqualTo("pool_full");
            assertThat(event.message()).isEqualTo("2 of its requests wait for space: it is full");
        });
        assertThat(watchdog.progress()).isEqualTo(new Progress(0, 0, 0, 0, 2, 1, 19));

        pool.hold();
        disk = new DiskCounters(1002, 0);
        seconds(1);

        assertThat(events.getLast().kind()).isEqualTo("resumed");
        assertThat(events.getLast().message()).contains("after 20 s");
        assertThat(watchdog.progress().heldRequests()).isZero();
    }

    @Test
    void aDeviceThatGoesEndsItsStall() {
        disk = new DiskCounters(1000, 1);
        seconds(15);
        devices.detach(VOLUME, true);
        seconds(1);
        assertThat(watchdog.progress().stalledDevices()).isZero();
    }

    @Test
    void countersAreTheKernels() {
        // Documentation/block/stat.rst, as kernel 7.2 writes it.
        String stat = "     120        0     7000       10       30       1     4000       20        3      50       60"
                + "        7        0      100        1        9        2\n";
        byte[] bytes = stat.getBytes(StandardCharsets.US_ASCII);
        assertThat(DiskCounters.parse(MemorySegment.ofArray(bytes), bytes.length))
                .isEqualTo(new DiskCounters(158, 3));
        assertThat(DiskCounters.reader().apply("/dev/no-such-disk")).isEqualTo(new DiskCounters(0, 0));
    }
}
