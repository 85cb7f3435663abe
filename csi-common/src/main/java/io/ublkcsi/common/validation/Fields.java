package io.ublkcsi.common.validation;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.proto.csi.v1.CapacityRange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Checks of single request fields; each failure names the field as the specification spells it. */
public final class Fields {
    /** The specification's limit on names and ids, in bytes of UTF-8. */
    public static final int MAX_ID_BYTES = 128;
    /** Linux's PATH_MAX, the final NUL included. */
    private static final int MAX_PATH_BYTES = 4095;

    /** Neither a path separator nor a leading dot, nothing that means anything to a shell or a URL. */
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*");

    private Fields() {}

    /** The id of a volume or snapshot: up to 128 bytes of letters, digits, {@code . _ -}, not beginning with a dot. */
    public static String id(String field, String value) {
        present(field, value);
        limited(field, value, MAX_ID_BYTES);
        if (!ID.matcher(value).matches() || value.contains("..")) {
            throw new CsiFault.Invalid(
                    field,
                    "is malformed; this driver's ids are letters, digits, '.', '_' and '-', as CreateVolume gave them");
        }
        return value;
    }

    /** A name that the orchestrator chose: at most 128 bytes, any characters but control characters. */
    public static String name(String field, String value) {
        present(field, value);
        limited(field, value, MAX_ID_BYTES);
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new CsiFault.Invalid(field, "holds a control character");
        }
        return value;
    }

    /** An absolute path without {@code .} and {@code ..}. */
    public static Path path(String field, String value) {
        Path path = anyPath(field, value);
        if (!path.isAbsolute()) {
            throw new CsiFault.Invalid(field, "has to be an absolute path");
        }
        if (!path.normalize().equals(path) || path.getNameCount() == 0) {
            throw new CsiFault.Invalid(field, "has to be a path without '.' and '..', and not the root folder");
        }
        return path;
    }

    /** A path of any shape. */
    public static Path anyPath(String field, String value) {
        present(field, value);
        limited(field, value, MAX_PATH_BYTES);
        if (value.indexOf('\0') >= 0) {
            throw new CsiFault.Invalid(field, "holds a NUL character");
        }
        return Path.of(value);
    }

    /** A {@code capacity_range}: nothing negative, and not more required than allowed. 0 means that it is not given. */
    public static void capacity(CapacityRange range) {
        long required = range.getRequiredBytes();
        long limit = range.getLimitBytes();
        require(required >= 0, "capacity_range.required_bytes", "is negative");
        require(limit >= 0, "capacity_range.limit_bytes", "is negative");
        require(limit == 0 || required <= limit, "capacity_range", "required_bytes is above limit_bytes");
    }

    /** A field that must not be empty. */
    public static void present(String field, String value) {
        if (value.isEmpty()) {
            throw new CsiFault.Invalid(field, "is missing");
        }
    }

    /** A message or number that must be there. */
    public static void require(boolean condition, String field, String problem) {
        if (!condition) {
            throw new CsiFault.Invalid(field, problem);
        }
    }

    private static void limited(String field, String value, int maxBytes) {
        int bytes = value.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > maxBytes) {
            throw new CsiFault.Invalid(field, "has " + bytes + " bytes; at most " + maxBytes + " are allowed");
        }
    }
}
