package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.regex.Pattern;

/** The shape of volume and snapshot ids: they become file names, so nothing in them can lead out of the pool. */
public final class VolumeIds {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final int SHOWN = 160;

    private VolumeIds() {}

    /**
     * @param what the name of the field, for the message
     * @throws EngineException INVALID_ARGUMENT
     */
    public static void check(String what, String id) {
        if (!isValid(id)) {
            throw new EngineException(
                    Kind.INVALID_ARGUMENT,
                    what + " '" + printable(id)
                            + "' is not valid: it takes 1 to 128 letters, digits, '.', '_' and '-', starts"
                            + " with a letter or digit, and has no '..'");
        }
    }

    public static boolean isValid(String id) {
        return SHAPE.matcher(id).matches() && !id.contains("..");
    }

    private static String printable(String id) {
        String clean = id.replaceAll("[^\\x20-\\x7e]", "?");
        return clean.length() <= SHOWN ? clean : clean.substring(0, SHOWN) + "...";
    }
}
