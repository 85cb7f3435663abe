package io.ublkcsi.engine.sys;

/** {@code struct __user_cap_data_struct} (include/uapi/linux/capability.h), of which there are two: 32 bits each. */
final class CapData {
    static final int LENGTH = 12;
    static final int EFFECTIVE = 0;
    static final int PERMITTED = 4;
    static final int INHERITABLE = 8;

    private CapData() {}
}
