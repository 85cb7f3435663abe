package io.ublkcsi.node.orphan;

/** Notes of what this plugin has made. */
public interface Notes {
    /** Before the engine is asked to make it. */
    void begin(String id);

    /** After its bytes are gone. */
    void end(String id);

    /** Where nothing is ever removed without being asked for. */
    static Notes none() {
        return new None();
    }

    /** Takes none. */
    final class None implements Notes {
        @Override
        public void begin(String id) {}

        @Override
        public void end(String id) {}
    }
}
