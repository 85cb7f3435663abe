package io.ublkcsi.engine.frontend;

/** The kernel interfaces that show a volume as a block device, the fastest first. */
public enum FrontendKind {
    UBLK("ublk"),
    VDUSE("vduse"),
    TCMU("tcmu");

    private final String label;

    FrontendKind(String label) {
        this.label = label;
    }

    /** The name on the command line and in tables. */
    public String label() {
        return label;
    }
}
