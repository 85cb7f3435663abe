package io.ublkcsi.e2e;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.Device;

/** A volume made and attached for one test, and taken away after it. */
record TestVolume(String pool, String id, Device device) implements AutoCloseable {
    static TestVolume attached(String pool, String id, long bytes, AttachOptions options) {
        Guest.create(pool, id, bytes);
        try {
            return new TestVolume(pool, id, Guest.attach(pool, id, options));
        } catch (RuntimeException failure) {
            Guest.delete(pool, id);
            throw failure;
        }
    }

    static TestVolume attached(String id, long bytes) {
        return attached(Guest.POOL, id, bytes, AttachOptions.getDefaultInstance());
    }

    String path() {
        return device.getPath();
    }

    @Override
    public void close() {
        Guest.detach(pool, id);
        Guest.delete(pool, id);
    }
}
