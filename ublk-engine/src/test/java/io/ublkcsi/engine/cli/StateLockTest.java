package io.ublkcsi.engine.cli;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;

import io.ublkcsi.engine.block.EngineException.Kind;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One engine a state directory. */
class StateLockTest {
    @TempDir
    private Path temporary;

    @Test
    void secondEngineIsRefusedUntilTheFirstEnds() {
        Path directory = temporary.resolve("state");
        try (StateLock _ = StateLock.take(directory)) {
            assertRefused(Kind.FAILED_PRECONDITION, "another engine works", () -> StateLock.take(directory));
        }
        StateLock.take(directory).close();
    }
}
