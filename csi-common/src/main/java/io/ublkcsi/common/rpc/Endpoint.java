package io.ublkcsi.common.rpc;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Where a plugin listens: a Unix socket.
 *
 * @param socket absolute path of the socket
 */
public record Endpoint(Path socket) {
    /** {@code sun_path} is 108 bytes with its final NUL. */
    private static final int MAX_PATH_BYTES = 107;

    public Endpoint {
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_PATH_BYTES) {
            throw new IllegalArgumentException("the socket path " + socket + " has " + length
                    + " bytes, and Linux takes " + MAX_PATH_BYTES + "; choose a shorter folder");
        }
    }

    /** Reads {@code unix:///path} or {@code /path}. */
    public static Endpoint parse(String text) {
        String path = text.startsWith("unix://") ? text.substring("unix://".length()) : text;
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no endpoint: unix:///absolute/path or /absolute/path is expected");
        }
        return new Endpoint(Path.of(path).normalize());
    }

    @Override
    public String toString() {
        return "unix://" + socket;
    }
}
