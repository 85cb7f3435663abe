package io.ublkcsi.engine.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxTest {
    private static final int EBADF = 9;
    private static final long RESOLVE_BENEATH = 8;

    @TempDir
    Path folder;

    @Test
    void aFailureIsItsOwnErrno() {
        assertThat(Linux.open(folder.resolve("missing").toString(), Linux.O_RDONLY))
                .isEqualTo(-Errno.ENOENT);
        assertThat(Linux.close(-1)).isEqualTo(-EBADF);
        assertThat(Linux.open(folder.toString(), Linux.O_RDWR)).isEqualTo(-Errno.EISDIR);
        assertThat(Linux.mmap(0, Linux.PROT_READ, Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS, -1, 0))
                .isEqualTo(-Errno.EINVAL);
    }

    @Test
    void aSuccessAfterAFailureIsASuccess() {
        assertThat(Linux.close(-1)).isEqualTo(-EBADF);
        int fd = Linux.open(folder.toString(), Linux.O_RDONLY | Linux.O_DIRECTORY);
        assertThat(fd).isPositive();
        assertThat(Linux.close(fd)).isZero();
    }

    @Test
    void threadsDoNotSeeEachOthersErrno() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> wrong = new ArrayList<>();
            String missing = folder.resolve("missing").toString();
            for (int i = 0; i < 2; i++) {
                wrong.add(threads.submit(() -> countOthersThan(-EBADF, () -> Linux.close(-1))));
                wrong.add(threads.submit(() -> countOthersThan(-Errno.ENOENT, () -> Linux.open(missing, 0))));
            }
            for (Future<Integer> each : wrong) {
                assertThat(each.get()).isZero();
            }
        }
    }

    private static int countOthersThan(int expected, Callable<Integer> call) throws Exception {
        int wrong = 0;
        for (int i = 0; i < 2000; i++) {
            wrong += call.call() == expected ? 0 : 1;
        }
        return wrong;
    }

    @Test
    void openat2StaysBelowItsFolder() throws Exception {
        Path pool = Files.createDirectory(folder.resolve("pool"));
        Files.createFile(pool.resolve("volume"));
        Files.createFile(folder.resolve("outside"));
        int directory = Linux.open(pool.toString(), Linux.O_RDONLY | Linux.O_DIRECTORY);
        int inside = Linux.openat2(directory, "volume", Linux.O_RDWR, 0, RESOLVE_BENEATH);
        assertThat(inside).isPositive();
        assertThat(Linux.openat2(directory, "../outside", Linux.O_RDWR, 0, RESOLVE_BENEATH))
                .isEqualTo(-Errno.EXDEV);
        Linux.close(inside);
        Linux.close(directory);
    }

    @Test
    void statusOfAFile() throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[12_345]);
        int fd = Linux.open(file.toString(), Linux.O_RDONLY);
        FileStatus status = FileStatus.of(fd);
        assertThat(status.isRegular()).isTrue();
        assertThat(status.sizeBytes()).isEqualTo(12_345);
        assertThat(status.links()).isEqualTo(1);
        assertThat(status.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
        assertThat(FileSystemStatus.of(fd).totalBytes())
                .isEqualTo(Files.getFileStore(file).getTotalSpace());
        Linux.close(fd);
    }

    @Test
    void pagesAreThereAndZero() {
        MemorySegment pages = Memory.allocatePages(3L * Memory.PAGE_BYTES);
        assertThat(pages.address() % Memory.PAGE_BYTES).isZero();
        assertThat(pages.mismatch(Arena.ofAuto().allocate(pages.byteSize()))).isEqualTo(-1);
        Memory.freePages(pages);
    }
}
