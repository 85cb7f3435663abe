package io.ublkcsi.engine.frontend.vduse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.sys.Memory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a successor finds in the log, wherever the server died. */
class InflightLogTest {
    private static final int SIZE = 8;

    private final DriverMemory memory = new DriverMemory(Memory.PAGE_BYTES, Memory.PAGE_BYTES);
    private final MemorySegment words = Arena.ofAuto().allocate(InflightLog.bytes(SIZE), 8);

    @TempDir
    private Path folder;

    @AfterEach
    void free() {
        memory.close();
    }

    private SplitQueue queue() {
        long base = DriverMemory.RINGS_IOVA;
        return new SplitQueue(new VqInfo(SIZE, base, base + 512, base + 1024, true), 0, new Iotlb(memory::map));
    }

    /** Three requests in flight, two of them answered: the server dies after each of the steps. */
    @Test
    void whatWasAnsweredIsNeverDoneAgainAndTheRestAlwaysIs() {
        for (int steps = 0; steps <= 7; steps++) {
            memory.rings().fill((byte) 0);
            InflightLog log = new InflightLog(words, SIZE);
            SplitQueue queue = queue();
            log.clear(0);
            List.of(5, 2, 7).forEach(log::begin);
            List<Runnable> answering = List.of(
                    () -> queue.put(2, 1),
                    () -> queue.put(5, 1),
                    queue::publish,
                    () -> log.end(2),
                    () -> log.end(5),
                    () -> log.accounted(queue.publishedUsed()),
                    () -> log.begin(2));
            answering.subList(0, steps).forEach(Runnable::run);

            SplitQueue after = queue();
            InflightLog successor = new InflightLog(words, SIZE);
            int inflight = successor.recover(after);
            after.taken(inflight);
            int first = successor.next(InflightLog.IDLE);
            if (steps < 3) {
                assertThat(inflight).isEqualTo(3);
                assertThat(first).as("the order of arrival").isEqualTo(5);
                assertThat(after.lastAvailable()).isEqualTo(3);
            } else {
                assertThat(inflight).as("after %d steps", steps).isEqualTo(steps == 7 ? 2 : 1);
                assertThat(first).isEqualTo(7);
                assertThat(after.lastAvailable()).isEqualTo(steps == 7 ? 4 : 3);
            }
        }
    }

    @Test
    void aDamagedWordIsNotTrusted() {
        InflightLog log = new InflightLog(words, SIZE);
        log.clear(0);
        log.begin(3);
        words.set(Memory.LONG, 4L * Long.BYTES, words.get(Memory.LONG, 4L * Long.BYTES) ^ 1L << 20);
        assertThatThrownBy(() -> new InflightLog(words, SIZE).recover(queue()))
                .hasMessageContaining("in-flight log is damaged");
    }

    @Test
    void aFileIsFoundAgainAndADamagedOrNewerOneIsNot() throws IOException {
        try (InflightFile made = InflightFile.create(folder, "disk", 2, 64)) {
            made.queue(1).begin(9);
        }
        try (InflightFile found = InflightFile.open(folder, "disk")) {
            assertThat(found.queues()).isEqualTo(2);
            assertThat(found.depth()).isEqualTo(64);
            assertThat(found.queue(0).next(InflightLog.IDLE)).isNegative();
            assertThat(found.queue(1).next(InflightLog.IDLE)).isEqualTo(9);
        }
        assertThat(InflightFile.isSound(folder, "disk")).isTrue();
        byte[] content = Files.readAllBytes(InflightFile.path(folder, "disk"));
        refusedWith(content, 8, 7, "knows 1");
        refusedWith(content, 17, 3, "damaged");
        Files.delete(InflightFile.path(folder, "disk"));
        assertThatThrownBy(() -> InflightFile.open(folder, "disk"))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("cannot be read");
        assertThat(InflightFile.isSound(folder, "disk")).isFalse();
    }

    private void refusedWith(byte[] content, int at, int value, String words) throws IOException {
        byte[] changed = content.clone();
        changed[at] = (byte) value;
        Files.write(InflightFile.path(folder, "disk"), changed);
        assertThatThrownBy(() -> InflightFile.open(folder, "disk"))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining(words);
    }
}
