package io.ublkcsi.engine.sys;

/** The few numbers of the kernel's ABI that differ between the machines that we run on. */
enum Arch {
    X86_64(0x4000, 0x10000, 0x20000, 186, 126),
    AARCH64(0x10000, 0x4000, 0x8000, 178, 91);

    final int oDirect;
    final int oDirectory;
    final int oNofollow;
    final long gettid;
    final long capset;

    Arch(int oDirect, int oDirectory, int oNofollow, long gettid, long capset) {
        this.oDirect = oDirect;
        this.oDirectory = oDirectory;
        this.oNofollow = oNofollow;
        this.gettid = gettid;
        this.capset = capset;
    }

    static Arch current() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64" -> AARCH64;
            default ->
                throw new IllegalStateException(
                        "ublk-csi runs on x86-64 and arm64, not on " + System.getProperty("os.arch"));
        };
    }
}
