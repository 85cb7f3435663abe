package io.ublkcsi.controller.node;

/** The nodes that volumes live on. Answers from memory. Thread-safe. */
public interface Nodes {
    /** How a node is. */
    enum Standing {
        /** It is there; whether it works is another matter. */
        PRESENT,
        /** An administrator says that it is down and nothing on it runs: {@code node.kubernetes.io/out-of-service}. */
        OUT_OF_SERVICE,
        /** The cluster has no such node. */
        GONE
    }

    Standing of(String node);

    /** Whether what the node had may be forgotten: it is gone for longer than was set, and that was asked for. */
    boolean isReleased(String node);

    /** Why nothing can be done on a node that is not present, and the cure. */
    default String explain(String node) {
        return switch (of(node)) {
            case PRESENT -> "node " + node + " is there";
            case OUT_OF_SERVICE ->
                "node " + node + " is out of service (taint node.kubernetes.io/out-of-service), and does it when it is"
                        + " back; bring it back, or delete the Node if it never comes back";
            case GONE ->
                "the cluster has no node " + node + ", and the bytes are there; bring the node back under its name, or,"
                        + " if it never comes back, let the controller release what it had"
                        + " (--release-deleted-nodes-after)";
        };
    }

    /** One machine that is always there. */
    static Nodes oneMachine() {
        return new OneMachine();
    }

    /** Standalone. */
    final class OneMachine implements Nodes {
        @Override
        public Standing of(String node) {
            return Standing.PRESENT;
        }

        @Override
        public boolean isReleased(String node) {
            return false;
        }
    }
}
