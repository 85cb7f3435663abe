package io.ublkcsi.engine.frontend.ublk;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** How a request's bytes get from the kernel's pages to the backend and back. */
public enum DataPath {
    /** The driver copies into and out of a buffer of ours, one a tag. */
    PLAIN_COPY("plain-copy", EnumSet.noneOf(UblkFeature.class)),
    /** We read and write the request's bytes at the driver's character device, when and where we want them. */
    USER_COPY("user-copy", EnumSet.of(UblkFeature.USER_COPY)),
    /** The request's own pages, registered and unregistered by command. */
    ZERO_COPY_MANUAL("zero-copy-manual", EnumSet.of(UblkFeature.SUPPORT_ZERO_COPY)),
    /** The request's own pages, registered by the driver as it hands the request over. */
    ZERO_COPY_AUTO("zero-copy-auto", EnumSet.of(UblkFeature.SUPPORT_ZERO_COPY, UblkFeature.AUTO_BUF_REG));

    private final String label;
    private final Set<UblkFeature> features;

    DataPath(String label, Set<UblkFeature> features) {
        this.label = label;
        this.features = Collections.unmodifiableSet(features);
    }

    /** The name on the command line and in tables. */
    public String label() {
        return label;
    }

    /** What the kernel must grant. */
    public Set<UblkFeature> features() {
        return features;
    }

    public boolean isZeroCopy() {
        return features.contains(UblkFeature.SUPPORT_ZERO_COPY);
    }

    /** Whether requests need memory of ours. */
    public boolean copies() {
        return !isZeroCopy();
    }
}
