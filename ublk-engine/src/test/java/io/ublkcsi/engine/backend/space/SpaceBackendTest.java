package io.ublkcsi.engine.backend.space;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.backend.BackendContractTest;
import io.ublkcsi.engine.backend.BackendRig;
import io.ublkcsi.engine.backend.fault.FaultBackend;
import io.ublkcsi.engine.backend.fault.FaultSpec;
import io.ublkcsi.engine.backend.memory.MemoryBackend;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.uring.SimulatedFaults;
import io.ublkcsi.engine.uring.SimulatedUring;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** With room, a volume as any other; without, writes wait, and nothing fails but what was given up. */
class SpaceBackendTest extends BackendContractTest {
    private static final long PLENTY = 1 << 20;
    private static final int BATCHES = 20;
    private static final int BATCH = 20;

    private final SimulatedUring kernel = new SimulatedUring(SeededRandom.freshSeed(), SimulatedFaults.NONE);
    private final FreeSpace free = new FreeSpace();
    private final Pool pool = new Pool();
    private int closed;

    /** The pool's thread, and what it finds. */
    private final class Pool implements SpaceBackend.Owner {
        private SpaceBackend volume;
        private long mappedBytes;
        private boolean busy;

        @Override
        public void onQuestion() {
            if (!busy) {
                volume.answer((offset, length) -> offset + length <= mappedBytes);
            }
        }

        @Override
        public void onClose(SpaceBackend gone) {
            closed++;
        }
    }

    @Override
    protected UringSyscalls kernel() {
        return kernel;
    }

    @Override
    protected Backend backend() {
        free.found(2 * PLENTY, PLENTY);
        return guard(new MemoryBackend(SIZE_BYTES, 512), true);
    }

    private SpaceBackend guard(Backend volume, boolean thin) {
        pool.volume = new SpaceBackend(volume, free, thin, pool);
        return pool.volume;
    }

    private void turns(int count) {
        turns(rig, count);
    }

    private static void turns(BackendRig of, int count) {
        for (int i = 0; i < count; i++) {
            of.turn();
        }
    }

    @Test
    void aWriteWaitsForRoomAndGoesOnWithIt() {
        free.found(4096, PLENTY);
        rig.fill(3, random(4096, 1));
        rig.fill(4, random(4096, 2));
        rig.start(3, BlockOperation.WRITE, 0, 0, 4096);
        rig.start(4, BlockOperation.WRITE, 0, 4096, 4096);
        assertThat(rig.await(3)).isEqualTo(4096);
        turns(5);
        assertThat(rig.hasEnded(4)).isFalse();
        assertThat(pool.volume.waiting()).isEqualTo(1);

        free.found(4096, PLENTY);

        assertThat(rig.await(4)).isEqualTo(4096);
        assertThat(pool.volume.waiting()).isZero();
        assertThat(rig.read(4096, 4096)).isEqualTo(random(4096, 2));
    }

    @Test
    void whatTakesNoSpaceDoesNotWait() {
        rig.write(0, random(8192, 1), 0);
        pool.mappedBytes = 8192;
        free.found(-1, PLENTY);
        assertThat(rig.run(3, BlockOperation.WRITE, 0, 4096, 4096)).isEqualTo(4096);
        assertThat(rig.run(4, BlockOperation.DISCARD, 0, 0, 4096)).isZero();
        assertThat(rig.run(5, BlockOperation.WRITE_ZEROES, 0, 65536, 4096)).isZero();
        rig.flush();
        rig.read(0, 4096);
        assertThat(pool.volume.waiting()).isZero();
    }

    @Test
    void zeroesThatKeepTheirBlocksTakeSpace() {
        free.found(0, PLENTY);
        rig.start(3, BlockOperation.WRITE_ZEROES, Requests.NO_UNMAP, 0, 4096);
        turns(4);
        assertThat(rig.hasEnded(3)).isFalse();
        free.found(2 * PLENTY, PLENTY);
        assertThat(rig.await(3)).isZero();
    }

    @Test
    void noChainWithoutPlenty() {
        free.found(PLENTY, PLENTY);
        rig.prepare(3, BlockOperation.WRITE, 0, 0, 4096);
        assertThat(rig.queue().isSingleEntry(3)).isFalse();
    }

    /** Every other request fails with ENOSPC, and none of them fails. */
    @Test
    void whatTheFileSystemRefusesWaits() {
        FaultSpec full = FaultSpec.parse("seed=7,op=write+discard+write_zeroes,error=ENOSPC@0.5");
        try (BackendRig own = new BackendRig(kernel, guard(new FaultBackend(full, disk()), false))) {
            for (int i = 0; i < 20; i++) {
                own.write(4096L * i, random(4096, i), 0);
                assertThat(own.run(4, BlockOperation.WRITE_ZEROES, 0, 1 << 17, 4096))
                        .isZero();
            }
            for (int i = 0; i < 20; i++) {
                assertThat(own.read(4096L * i, 4096)).isEqualTo(random(4096, i));
            }
            assertThat(pool.volume.waiting()).isZero();
        }
        assertThat(closed).isEqualTo(1);
    }

    private static Backend disk() {
        return new MemoryBackend(SIZE_BYTES, 512);
    }

    @Test
    void otherErrorsPass() {
        FaultSpec broken = FaultSpec.parse("seed=7,op=write,error=EIO@1");
        try (BackendRig own = new BackendRig(kernel, guard(new FaultBackend(broken, disk()), true))) {
            assertThat(own.run(3, BlockOperation.WRITE, 0, 0, 4096)).isEqualTo(-Errno.EIO);
        }
    }

    /** A person who reads why writes wait has to know what is full. */
    @Test
    void whoRefusedIsKnown() {
        FaultSpec full = FaultSpec.parse("seed=7,op=write,error=ENOSPC@1");
        try (BackendRig own = new BackendRig(kernel, guard(new FaultBackend(full, disk()), true))) {
            free.found(0, PLENTY);
            own.start(3, BlockOperation.WRITE, 0, 0, 4096);
            turns(own, 4);
            assertThat(pool.volume.waiting()).isEqualTo(1);
            assertThat(pool.volume.isRefused()).isFalse();
            free.found(2 * PLENTY, PLENTY);
            turns(own, 4);
            assertThat(pool.volume.isRefused()).isTrue();
            free.found(0, PLENTY);
            own.start(4, BlockOperation.WRITE, 0, 4096, 4096);
            turns(own, 4);
            assertThat(pool.volume.waiting()).isEqualTo(2);
            assertThat(pool.volume.isRefused())
                    .as("what was refused waits still")
                    .isTrue();
        }
    }

    @Test
    void whatIsGivenUpFails() {
        FaultSpec full = FaultSpec.parse("seed=7,op=write,error=ENOSPC@1");
        try (BackendRig own = new BackendRig(kernel, guard(new FaultBackend(full, disk()), true))) {
            own.start(3, BlockOperation.WRITE, 0, 0, 4096);
            free.found(0, PLENTY);
            own.start(4, BlockOperation.WRITE, 0, 4096, 4096);
            turns(own, 6);
            assertThat(pool.volume.waiting()).isEqualTo(2);

            pool.volume.giveUp();

            assertThat(own.await(3)).isEqualTo(-Errno.ENOSPC);
            assertThat(own.await(4)).isEqualTo(-Errno.ENOSPC);
            assertThat(own.run(5, BlockOperation.WRITE, 0, 8192, 4096)).isEqualTo(-Errno.ENOSPC);
            assertThat(pool.volume.waiting()).isZero();
        }
    }

    /** Memory reclaim may wait for what waits here. */
    @Test
    void waitingAllocatesNothing() {
        FaultSpec full = FaultSpec.parse("seed=7,op=write,error=ENOSPC@1");
        try (BackendRig own = new BackendRig(kernel, guard(new FaultBackend(full, disk()), true))) {
            own.start(3, BlockOperation.WRITE, 0, 0, 4096);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long allocated = 0;
            pool.busy = true;
            for (int batch = 0; batch < 2 * BATCHES; batch++) {
                free.found(batch % 2 == 0 ? 1 << 16 : 0, PLENTY);
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < BATCH; i++) {
                    own.queue().onCompletion(3, SpaceQueue.RETRY, -Errno.ETIME);
                    own.queue().onCompletion(3, SpaceQueue.ANSWERED, -Errno.ETIME);
                }
                allocated += batch < BATCHES ? 0 : threads.getCurrentThreadAllocatedBytes() - before;
                own.ring().submit();
            }
            assertThat(allocated).isLessThan(1024);
        }
    }
}
