package io.ublkcsi.common.validation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The id of a volume or snapshot follows from the name that the orchestrator chose, so that a repeated call finds what
 * the first one made, with no index to keep.
 *
 * <p>A name that could be a DNS label (as {@code pvc-...} is) is its own id: short, readable, a legal file name and the
 * name of a custom resource. Any other name is hashed.
 */
public final class Ids {
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern HASHED = Pattern.compile("v-[0-9a-f]{40}");
    private static final int HASH_BYTES = 20;

    private Ids() {}

    /** The same for the same name, always, and different for different names. */
    public static String ofName(String name) {
        if (DNS_LABEL.matcher(name).matches() && !HASHED.matcher(name).matches()) {
            return name;
        }
        byte[] hash = sha256().digest(name.getBytes(StandardCharsets.UTF_8));
        return "v-" + HexFormat.of().formatHex(hash, 0, HASH_BYTES);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java runtime has SHA-256", impossible);
        }
    }
}
