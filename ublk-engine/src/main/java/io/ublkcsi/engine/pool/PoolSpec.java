package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A pool as the command line describes it: {@code name=local,kind=file,path=/srv/pool,minFree=10Gi,allowBuffered}. A
 * value with commas stands in double quotes; a key without a value is a switch.
 */
public final class PoolSpec {
    private static final String NAME = "name";
    private static final String KIND = "kind";

    private final Map<String, String> values;

    private PoolSpec(Map<String, String> values) {
        this.values = values;
    }

    /**
     * @throws EngineException INVALID_ARGUMENT
     */
    public static PoolSpec parse(String text) {
        PoolSpec spec = new PoolSpec(split(text));
        VolumeIds.check("pool name", spec.required(NAME));
        return spec;
    }

    private static Map<String, String> split(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        int at = 0;
        while (at < text.length()) {
            int end = endOfEntry(text, at);
            String entry = text.substring(at, end);
            int equals = entry.indexOf('=');
            String key = equals < 0 ? entry : entry.substring(0, equals);
            String value = equals < 0 ? "true" : unquoted(entry.substring(equals + 1));
            if (key.isBlank() || values.put(key.strip(), value) != null) {
                throw invalid("--pool '" + text + "' has an empty or repeated key '" + key.strip() + "'");
            }
            at = end + 1;
        }
        return values;
    }

    private static int endOfEntry(String text, int from) {
        boolean quoted = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            quoted ^= c == '"';
            if (c == ',' && !quoted) {
                return i;
            }
        }
        if (quoted) {
            throw invalid("--pool '" + text + "' opens a quote and does not close it");
        }
        return text.length();
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    public String name() {
        return required(NAME);
    }

    public String kind() {
        return required(KIND);
    }

    public String required(String key) {
        String value = values.get(key);
        if (value == null || value.isBlank()) {
            throw invalid("--pool '" + this + "' has no '" + key + "': add " + key + "=...");
        }
        return value;
    }

    public String get(String key, String fallback) {
        return values.getOrDefault(key, fallback);
    }

    public boolean isSet(String key) {
        return Boolean.parseBoolean(get(key, "false"));
    }

    /** A number of bytes such as {@code 10Gi}. */
    public long bytes(String key, long fallback) {
        return values.containsKey(key) ? ByteSize.parse(key, required(key)) : fallback;
    }

    /** Refuses keys that its kind of pool does not know. */
    public void allowOnly(Set<String> keys) {
        for (String key : values.keySet()) {
            if (!key.equals(NAME) && !key.equals(KIND) && !keys.contains(key)) {
                throw invalid("a pool of kind '" + kind() + "' has no option '" + key + "'; it has " + keys);
            }
        }
    }

    @Override
    public String toString() {
        return values.toString();
    }

    private static EngineException invalid(String message) {
        return new EngineException(Kind.INVALID_ARGUMENT, message);
    }
}
