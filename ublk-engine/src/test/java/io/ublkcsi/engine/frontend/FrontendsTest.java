package io.ublkcsi.engine.frontend;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which frontend a new device gets. */
class FrontendsTest {
    private record Fake(FrontendKind kind, @Nullable String obstacle) implements Frontend {
        @Override
        public FrontendDevice start(String volume, DeviceToken token, Backend backend, DeviceOptions options) {
            throw new AssertionError("only asked whether it works here");
        }

        @Override
        public List<LeftDevice> left() {
            return List.of();
        }

        @Override
        public void fence(LeftDevice left, long patienceNs) {}

        @Override
        public FrontendDevice adopt(LeftDevice left, Backend backend) {
            throw new AssertionError("it left none");
        }

        @Override
        public void discard(LeftDevice left, boolean force) {}
    }

    private static final Fake NO_UBLK = new Fake(FrontendKind.UBLK, "load ublk_drv");
    private static final Fake VDUSE = new Fake(FrontendKind.VDUSE, null);
    private static final Fake NO_VDUSE = new Fake(FrontendKind.VDUSE, "load vduse");

    @Test
    void autoTakesTheFirstThatWorksHere() {
        Frontends frontends = new Frontends(List.of(NO_UBLK, VDUSE));

        assertThat(frontends.choose(null))
                .isEqualTo(new Frontends.Choice(VDUSE, "auto: the first that this node has; ublk: load ublk_drv"));
        assertThat(frontends.usable()).containsExactly(FrontendKind.VDUSE);
    }

    @Test
    void theOneThatWasAskedForIsTakenOrRefused() {
        Frontends frontends = new Frontends(List.of(NO_UBLK, VDUSE));

        assertThat(frontends.choose(FrontendKind.VDUSE)).isEqualTo(new Frontends.Choice(VDUSE, "asked for"));
        assertRefused(Kind.FAILED_PRECONDITION, "ublk: load ublk_drv", () -> frontends.choose(FrontendKind.UBLK));
        assertRefused(Kind.UNIMPLEMENTED, "no frontend tcmu", () -> frontends.choose(FrontendKind.TCMU));
    }

    @Test
    void whenNoneWorksEachSaysWhy() {
        Frontends frontends = new Frontends(List.of(NO_UBLK, NO_VDUSE));

        assertRefused(Kind.FAILED_PRECONDITION, "ublk: load ublk_drv; vduse: load vduse", () -> frontends.choose(null));
    }
}
