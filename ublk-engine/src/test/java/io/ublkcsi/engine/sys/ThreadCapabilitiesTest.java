package io.ublkcsi.engine.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ThreadCapabilitiesTest {
    @Test
    void aThreadGivesUpItsOwnAndNobodyElses() throws Exception {
        long before = ThreadCapabilities.permitted();
        CompletableFuture<Long> after = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            int failed = ThreadCapabilities.keepOnly(ThreadCapabilities.CAP_IPC_LOCK);
            after.complete(failed < 0 ? failed : ThreadCapabilities.permitted());
        });
        thread.join();
        assertThat(after.get()).isEqualTo(before & 1L << ThreadCapabilities.CAP_IPC_LOCK);
        assertThat(ThreadCapabilities.permitted()).isEqualTo(before);
    }
}
