package io.ublkcsi.engine.backend.file;

import io.ublkcsi.engine.backend.BackendContractTest;
import io.ublkcsi.engine.backend.BackendRig;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.FileStatus;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The file backend on the io_uring of the machine that runs the test, and a real file. Needs no root. */
class KernelFileBackendTest extends BackendContractTest {
    private static final int PAGE_BYTES = 4096;

    @TempDir
    Path folder;

    private Path file;

    @Override
    protected UringSyscalls kernel() {
        return BackendRig.machinesKernel();
    }

    @Override
    protected Backend backend() {
        file = folder.resolve("volume");
        int flags = Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL;
        int fd = Linux.open(file.toString(), flags | Linux.O_DIRECT, 0600);
        if (fd == -Errno.EINVAL) {
            fd = Linux.open(file.toString(), flags, 0600);
        }
        Linux.ftruncate(fd, SIZE_BYTES);
        int logicalBytes = Math.clamp(FileStatus.of(fd).dioOffsetAlign(), 512, PAGE_BYTES);
        BlockLimits limits = new BlockLimits(
                SIZE_BYTES, logicalBytes, PAGE_BYTES, 0, logicalBytes, 0, false, true, true, true, false, false);
        return new FileBackend(new FileImage(fd, false, () -> FileStatus.ofPath(file.toString())), limits);
    }

    @Override
    protected long allocatedBytes() {
        return FileStatus.ofPath(file.toString()).allocatedBytes();
    }
}
