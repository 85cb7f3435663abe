package io.ublkcsi.engine.frontend.tcmu;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names of a volume in the SCSI world, all made from the volume's own, so that they are the same every time and on
 * every node.
 *
 * @param volume {@code pool/volume}
 * @param hash 16 bytes as 32 hexadecimal digits
 */
record UnitIdentity(String volume, String hash) {
    /** The company whose numbers the kernel's target and its tools use for made-up names (IEEE OUI). */
    private static final String COMPANY = "001405";

    private static final int HASH_BYTES = 16;

    static UnitIdentity of(String volume) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(volume.getBytes(StandardCharsets.UTF_8));
            return new UnitIdentity(volume, HexFormat.of().formatHex(digest, 0, HASH_BYTES));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** The directory of the volume's device in configfs; short, and of letters that every part of the target takes. */
    String deviceName() {
        return "v" + hash;
    }

    /** The unit's name in VPD page 83: NAA 6, 32 hexadecimal digits. */
    String unitName() {
        return "6" + COMPANY + hash.substring(0, 25);
    }

    /** The name of the loopback target that has this unit alone: NAA 5, 16 hexadecimal digits. */
    String targetName() {
        return "5" + COMPANY + hash.substring(0, 9);
    }

    /** The initiator's side of the loopback; distinct from {@link #targetName}. */
    String nexusName() {
        return "5" + COMPANY + hash.substring(9, 18);
    }

    /** VPD page 80. */
    String serial() {
        return hash;
    }
}
