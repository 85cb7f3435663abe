package io.ublkcsi.engine.pool;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.backend.fault.FaultBackend;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pools that keep nothing, and the one that spoils another. */
class PoolKindsTest {
    private static final long MIB = 1 << 20;

    private final PoolRegistry pools = PoolRegistry.open(Stream.of(
                    "name=m,kind=memory,size=16Mi",
                    "name=n,kind=none",
                    "name=flaky,kind=fault,pool=m,faults=\"seed=1,error=EIO@0.5\"")
            .map(PoolSpec::parse)
            .toList());
    private final Pool memory = pools.pool("m");

    @AfterEach
    void close() {
        pools.close();
    }

    private static VolumeInfo create(Pool pool, String id, long size) {
        return pool.createVolume(new VolumeRequest(id, size, Provisioning.THIN, 0, null), VolumeUse.UNUSED);
    }

    @Test
    void memoryVolumeFromCreateToDelete() {
        VolumeInfo made = create(memory, "v", MIB);

        assertThat(create(memory, "v", MIB)).isEqualTo(made);
        assertRefused(Kind.ALREADY_EXISTS, "other parameters", () -> create(memory, "v", 2 * MIB));
        assertThat(memory.markFormatted("v", "ext4").isFormatted()).isTrue();
        assertThat(memory.volumes()).hasSize(1);
        memory.deleteVolume("v");
        memory.deleteVolume("v");
        assertRefused(Kind.NOT_FOUND, "there is no volume v", () -> memory.volume("v"));
    }

    @Test
    void volumeIsOpenOnceAtATime() {
        create(memory, "v", MIB);
        try (Backend first = memory.openBackend("v", new OpenOptions(true, true))) {
            assertThat(first.limits().readOnly()).isTrue();
            assertThat(first.limits().discard()).isFalse();
            assertRefused(Kind.FAILED_PRECONDITION, "in use", () -> memory.openBackend("v", OpenOptions.READ_WRITE));
            assertRefused(Kind.FAILED_PRECONDITION, "in use", () -> memory.deleteVolume("v"));
        }
        memory.openBackend("v", OpenOptions.READ_WRITE).close();
    }

    @Test
    void memoryHasALimit() {
        create(memory, "v", 12 * MIB);

        assertThat(memory.info().availableBytes()).isEqualTo(4 * MIB);
        assertRefused(Kind.RESOURCE_EXHAUSTED, "larger size=", () -> create(memory, "w", 8 * MIB));
    }

    @Test
    void whatTheyCannotDoTheySay() {
        create(memory, "v", MIB);

        assertRefused(Kind.UNIMPLEMENTED, "growing", () -> memory.growVolume("v", 2 * MIB));
        assertRefused(Kind.UNIMPLEMENTED, "snapshots", () -> memory.createSnapshot("s", "v", VolumeUse.UNUSED));
        assertThat(memory.growVolume("v", 1).sizeBytes()).isEqualTo(MIB);
        assertThat(memory.snapshots()).isEmpty();
        memory.deleteSnapshot("s");
    }

    @Test
    void noneIsAsLargeAsAnybodyLikes() {
        Pool none = pools.pool("n");
        create(none, "v", 1L << 40);

        try (Backend backend = none.openBackend("v", OpenOptions.READ_WRITE)) {
            assertThat(backend.limits().sizeBytes()).isEqualTo(1L << 40);
            assertThat(backend.limits().needsData()).isFalse();
        }
    }

    @Test
    void faultPoolShowsAnothersVolumes() {
        Pool flaky = pools.pool("flaky");
        create(flaky, "v", MIB);

        assertThat(memory.volumes()).extracting(VolumeInfo::id).containsExactly("v");
        assertThat(flaky.volume("v").pool()).isEqualTo("flaky");
        assertThat(flaky.info().kind()).isEqualTo("fault");
        try (Backend backend = flaky.openBackend("v", OpenOptions.READ_WRITE)) {
            assertThat(backend).isInstanceOf(FaultBackend.class);
            assertRefused(Kind.FAILED_PRECONDITION, "in use", () -> memory.openBackend("v", OpenOptions.READ_WRITE));
        }
    }

    @Test
    void faultPoolHasToComeAfterItsPool() {
        assertRefused(
                Kind.NOT_FOUND,
                "has no pool 'm'",
                () -> PoolRegistry.open(List.of(PoolSpec.parse("name=f,kind=fault,pool=m,faults=\"seed=1\""))));
        assertRefused(
                Kind.INVALID_ARGUMENT,
                "Faults are",
                () -> PoolRegistry.open(List.of(
                        PoolSpec.parse("name=m,kind=memory"),
                        PoolSpec.parse("name=f,kind=fault,pool=m,faults=\"bad\""))));
    }

    @Test
    void aPoolThatCannotBeOpenedHoldsUpNoOther() {
        try (PoolRegistry some = PoolRegistry.begin(
                List.of(
                        PoolSpec.parse("name=away,kind=file,path=/no/such/folder"),
                        PoolSpec.parse("name=m,kind=memory")),
                CompletableFuture.completedFuture(null))) {
            assertThat(some.pool("m").name()).isEqualTo("m");
            assertRefused(Kind.FAILED_PRECONDITION, "/no/such/folder", () -> some.pool("away"));
            assertRefused(Kind.FAILED_PRECONDITION, "/no/such/folder", () -> some.awaitOpened(Long.MAX_VALUE));
            assertThat(some.pools()).extracting(Pool::name).containsExactly("m");
        }
    }

    @Test
    void poolsAreOpenedWhenItIsTheirTurn() {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        try (PoolRegistry some = PoolRegistry.begin(List.of(PoolSpec.parse("name=m,kind=memory")), turn)) {
            some.awaitOpened(TimeUnit.MILLISECONDS.toNanos(100));
            assertThat(some.pools()).isEmpty();
            turn.complete(null);
            assertThat(some.pool("m").name()).isEqualTo("m");
        }
    }
}
