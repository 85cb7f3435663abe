package io.ublkcsi.engine.sys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * jnr-ffi's assembled stubs on x86-64 hand the callee a wrong sixth argument: the return address. {@link Linux} turns
 * them off before jnr loads. A wrong sixth argument of mmap is a wrong offset, which is how these tests see it.
 */
class SixthArgumentTest {
    private static final int PAGES = 8;

    @TempDir
    Path folder;

    @Test
    void theSixthArgumentArrives() throws IOException {
        assertThat(pageSeenThroughMmap(numberedPages(), 5)).isEqualTo(5);
        assertThat(pageSeenThroughMmap(numberedPages(), 0)).isEqualTo(0);
    }

    @Test
    void theSixthArgumentOfSyscallArrives() throws IOException {
        int fd = open(numberedPages());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(Statx.LENGTH, 8);
            long path = arena.allocateFrom("").address();
            long number = Arch.current() == Arch.X86_64 ? 332 : 291;
            assertThat(Linux.syscall(number, fd, path, 0x1000, 0x7ff, statx.address()))
                    .isZero();
            assertThat(statx.get(Memory.LONG, Statx.SIZE)).isEqualTo((long) PAGES * Memory.PAGE_BYTES);
        } finally {
            Linux.close(fd);
        }
    }

    @Test
    void allSevenArgumentsOfTheSlowSyscallArrive() throws IOException {
        int from = open(numberedPages());
        int to = open(Files.createFile(folder.resolve("copy")));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment offset = arena.allocate(8, 8);
            offset.set(Memory.LONG, 0, 3L * Memory.PAGE_BYTES);
            long number = Arch.current() == Arch.X86_64 ? 326 : 285;
            long copied = Linux.syscall(number, from, offset.address(), to, 0, Memory.PAGE_BYTES, 0);
            assertThat(copied).isEqualTo(Memory.PAGE_BYTES);
            MemorySegment first = arena.allocate(4, 4);
            Linux.pread(to, first, 0);
            assertThat(first.get(Memory.INT, 0)).isEqualTo(3);
            assertThat(Linux.syscall(number, from, offset.address(), to, 0, Memory.PAGE_BYTES, 1))
                    .as("the seventh argument, copy_file_range's flags, must be 0")
                    .isEqualTo(-Errno.EINVAL);
        } finally {
            Linux.close(from);
            Linux.close(to);
        }
    }

    /** Without the JVM flag that the tests themselves run with: the class sets the property before jnr loads. */
    @Test
    void aFreshJvmWithoutTheFlagPassesItToo() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SixthArgumentTest.class.getName(),
                        numberedPages().toString())
                .redirectErrorStream(true)
                .start();
        assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(new String(jvm.getInputStream().readAllBytes(), UTF_8)).isEqualToIgnoringNewLines("6");
    }

    /** Prints the number of page 6 of a file, as mmap shows it. */
    public static void main(String[] arguments) {
        System.out.println(pageSeenThroughMmap(Path.of(arguments[0]), 6));
    }

    private Path numberedPages() throws IOException {
        byte[] bytes = new byte[PAGES * Memory.PAGE_BYTES];
        for (int page = 0; page < PAGES; page++) {
            bytes[page * Memory.PAGE_BYTES] = (byte) page;
        }
        return Files.write(folder.resolve("pages"), bytes);
    }

    private static int open(Path file) {
        int fd = Linux.open(file.toString(), Linux.O_RDWR);
        assertThat(fd).isPositive();
        return fd;
    }

    private static int pageSeenThroughMmap(Path file, int page) {
        int fd = Linux.open(file.toString(), Linux.O_RDWR);
        long offset = (long) page * Memory.PAGE_BYTES;
        long address = Linux.mmap(Memory.PAGE_BYTES, Linux.PROT_READ, Linux.MAP_SHARED, fd, offset);
        if (address < 0) {
            return (int) address;
        }
        int seen = Memory.at(address, Memory.PAGE_BYTES).get(Memory.INT, 0);
        Linux.munmap(address, Memory.PAGE_BYTES);
        Linux.close(fd);
        return seen;
    }
}
