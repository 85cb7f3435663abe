package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.frontend.DeviceToken;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What a volume's device is called in the kernel, {@code ublk-csi:TOKEN:POOL:VOLUME}, and its disk's serial number. */
final class VduseNames {
    static final String PREFIX = "ublk-csi:";

    private static final Pattern SHAPE = Pattern.compile(PREFIX + "([0-9a-f]{16}):([^:]+):(.+)");
    private static final int HEX_DIGITS = 8;

    private VduseNames() {}

    /**
     * @param volume {@code pool/volume}
     */
    static String device(DeviceToken token, String volume) {
        return PREFIX + token + ":" + volume.replace('/', ':');
    }

    /** The token in a device's name; null when it is not ours. */
    static @Nullable DeviceToken token(String device) {
        Matcher parts = SHAPE.matcher(device);
        DeviceToken token = parts.matches() ? DeviceToken.parse(parts.group(1)) : null;
        return token != null && token.isOurs() ? token : null;
    }

    /** The volume, {@code pool/volume}, of a device that is ours. */
    static String volume(String device) {
        Matcher parts = SHAPE.matcher(device);
        if (!parts.matches()) {
            throw new IllegalArgumentException("no device of ours is called " + device);
        }
        return parts.group(2) + "/" + parts.group(3);
    }

    /**
     * The beginning of the volume's name, and a checksum of the whole with its pool's: names that begin alike, and the
     * same name in two pools, are different disks.
     */
    static byte[] serial(String volume) {
        String name = volume.substring(volume.indexOf('/') + 1);
        CRC32C crc = new CRC32C();
        crc.update(volume.getBytes(StandardCharsets.UTF_8));
        String digits = String.format("%0" + HEX_DIGITS + "x", crc.getValue());
        String start = name.substring(0, Math.min(name.length(), BlkRequest.ID_BYTES - 1 - HEX_DIGITS));
        return Arrays.copyOf((start + "-" + digits).getBytes(StandardCharsets.US_ASCII), BlkRequest.ID_BYTES);
    }
}
