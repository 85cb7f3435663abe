package io.ublkcsi.common.kubernetes.resource;

/** The API group of the custom resources. */
public final class Api {
    public static final String GROUP = "ublk-csi.io";
    public static final String VERSION = "v1alpha1";

    /** What this version writes into {@code formatVersion}, and the newest that it reads. */
    public static final int FORMAT_VERSION = 1;

    private Api() {}
}
