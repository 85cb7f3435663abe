package io.ublkcsi.e2e;

import java.nio.ByteBuffer;
import java.nio.file.OpenOption;
import java.util.List;

/** What it takes to read and write past the page cache. */
final class DirectIo {
    private DirectIo() {}

    /** {@code ExtendedOpenOption.DIRECT}; javac warns whoever names that package. */
    static OpenOption option() {
        try {
            Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
            return (OpenOption) List.of(options.getEnumConstants()).stream()
                    .filter(option -> option.toString().equals("DIRECT"))
                    .findAny()
                    .orElseThrow();
        } catch (ClassNotFoundException missing) {
            throw new IllegalStateException("this JDK has no direct I/O", missing);
        }
    }

    /**
     * A buffer of one block, aligned to it. Its capacity is the block's length wherever malloc put the memory, as
     * {@link ByteBuffer#clear} sets the limit to the capacity: an aligned slice that is not cut has room for a second
     * block when the memory was aligned to begin with.
     */
    static ByteBuffer block(int bytes) {
        return ByteBuffer.allocateDirect(2 * bytes).alignedSlice(bytes).slice(0, bytes);
    }
}
