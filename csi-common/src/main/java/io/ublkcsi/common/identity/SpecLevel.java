package io.ublkcsi.common.identity;

/** Which revision of the CSI specification the plugin shows. Everything below works at each of them. */
public enum SpecLevel {
    /** For callers that fail on capabilities they do not know, csi-sanity 5.5 among them. */
    V1_12("1.12"),
    /** Adds volume health. */
    V1_13("1.13");

    private final String text;

    SpecLevel(String text) {
        this.text = text;
    }

    /** Whether this level has what {@code level} introduced. */
    public boolean has(SpecLevel level) {
        return compareTo(level) >= 0;
    }

    @Override
    public String toString() {
        return text;
    }

    /** Reads {@code 1.12} or {@code 1.13}. */
    public static SpecLevel parse(String text) {
        for (SpecLevel level : values()) {
            if (level.text.equals(text)) {
                return level;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is not a CSI level of this driver: 1.12 or 1.13");
    }
}
