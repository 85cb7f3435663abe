package io.ublkcsi.engine.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Asserts that something is refused with the right kind and sentence. */
public final class Refusal {
    private Refusal() {}

    public static void assertRefused(Kind kind, String sentence, ThrowingCallable call) {
        EngineException refused = catchThrowableOfType(EngineException.class, call);
        assertThat(refused).as("nothing was refused").isNotNull();
        assertThat(refused).hasMessageContaining(sentence);
        assertThat(refused.kind()).isEqualTo(kind);
    }
}
