package io.ublkcsi.engine.pool;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Pools as the command line writes them, and sizes as people do. */
class PoolSpecTest {
    @Test
    void keysAndSwitches() {
        PoolSpec spec = PoolSpec.parse("name=local,kind=file,path=/srv/pool,minFree=10Gi,allowBuffered");

        assertThat(spec.name()).isEqualTo("local");
        assertThat(spec.kind()).isEqualTo("file");
        assertThat(spec.required("path")).isEqualTo("/srv/pool");
        assertThat(spec.bytes("minFree", 0)).isEqualTo(10L << 30);
        assertThat(spec.isSet("allowBuffered")).isTrue();
        assertThat(spec.isSet("other")).isFalse();
    }

    @Test
    void quotedValueKeepsItsCommas() {
        PoolSpec spec = PoolSpec.parse("name=flaky,kind=fault,pool=local,faults=\"seed=1,error=EIO@0.01\"");

        assertThat(spec.required("faults")).isEqualTo("seed=1,error=EIO@0.01");
    }

    @Test
    void wrongOnesAreNamed() {
        assertRefused(Kind.INVALID_ARGUMENT, "has no 'name'", () -> PoolSpec.parse("kind=file"));
        assertRefused(Kind.INVALID_ARGUMENT, "pool name", () -> PoolSpec.parse("name=../x,kind=file"));
        assertRefused(Kind.INVALID_ARGUMENT, "repeated key", () -> PoolSpec.parse("name=a,name=b"));
        assertRefused(Kind.INVALID_ARGUMENT, "opens a quote", () -> PoolSpec.parse("name=a,x=\"b"));
        assertRefused(
                Kind.INVALID_ARGUMENT,
                "has no option 'pth'",
                () -> PoolSpec.parse("name=a,kind=file,pth=/x").allowOnly(Set.of("path")));
        assertRefused(
                Kind.INVALID_ARGUMENT,
                "no kind of pool 'tape'",
                () -> PoolRegistry.open(List.of(PoolSpec.parse("name=a,kind=tape"))));
    }

    @Test
    void unknownPoolIsNamedWithThoseThatThereAre() {
        try (PoolRegistry pools = PoolRegistry.open(List.of())) {
            assertRefused(Kind.NOT_FOUND, "has no pool 'x'", () -> pools.pool("x"));
        }
    }

    @Test
    void sizes() {
        assertThat(ByteSize.parse("size", "512")).isEqualTo(512);
        assertThat(ByteSize.parse("size", "4Ki")).isEqualTo(4096);
        assertThat(ByteSize.parse("size", "2TiB")).isEqualTo(2L << 40);
        assertRefused(Kind.INVALID_ARGUMENT, "size 'ten'", () -> ByteSize.parse("size", "ten"));
        assertRefused(Kind.INVALID_ARGUMENT, "size", () -> ByteSize.parse("size", "99999999999Pi"));
        assertThat(ByteSize.print(0)).isEqualTo("0 B");
        assertThat(ByteSize.print(1536)).isEqualTo("1.5 KiB");
        assertThat(ByteSize.print(100L << 30)).isEqualTo("100 GiB");
    }
}
