package io.ublkcsi.common.fault;

import org.jspecify.annotations.Nullable;

/**
 * What can go wrong in the plugins, in words that mean something to the caller. Use cases throw these; only
 * {@link StatusMapping} knows what they are called in gRPC.
 *
 * <p>A message names what happened, the likely cause and the way out. It never holds a secret.
 */
public abstract sealed class CsiFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private CsiFault(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The kind as it is kept in records, such as {@code OUT_OF_SPACE}; {@link #of} reads it back. */
    public abstract Kind kind();

    /** The kinds, for records that outlive the process. Names are kept in files: never rename one. */
    public enum Kind {
        INVALID,
        NOT_FOUND,
        EXISTS,
        BUSY,
        PRECONDITION,
        OUT_OF_RANGE,
        OUT_OF_SPACE,
        UNAVAILABLE,
        TIMEOUT,
        UNSUPPORTED,
        INTERNAL
    }

    /** The fault of a kind that was kept in a record. */
    public static CsiFault of(Kind kind, String message) {
        return switch (kind) {
            case INVALID -> new Invalid(message);
            case NOT_FOUND -> new NotFound(message);
            case EXISTS -> new Exists(message);
            case BUSY -> new Busy(message);
            case PRECONDITION -> new Precondition(message);
            case OUT_OF_RANGE -> new OutOfRange(message);
            case OUT_OF_SPACE -> new OutOfSpace(message);
            case UNAVAILABLE -> new Unavailable(message);
            case TIMEOUT -> new Timeout(message);
            case UNSUPPORTED -> new Unsupported(message);
            case INTERNAL -> new Internal(message);
        };
    }

    /** A field is missing or malformed; the message begins with the field's name. */
    public static final class Invalid extends CsiFault {
        private static final long serialVersionUID = 1L;

        public Invalid(String message) {
            super(message, null);
        }

        public Invalid(String field, String problem) {
            this(field + ": " + problem);
        }

        @Override
        public Kind kind() {
            return Kind.INVALID;
        }
    }

    /** There is no such volume, snapshot, path or node. */
    public static final class NotFound extends CsiFault {
        private static final long serialVersionUID = 1L;

        public NotFound(String message) {
            super(message, null);
        }

        @Override
        public Kind kind() {
            return Kind.NOT_FOUND;
        }
    }

    /** The name or the path is taken by something incompatible. */
    public static final class Exists extends CsiFault {
        private static final long serialVersionUID = 1L;

        public Exists(String message) {
            super(message, null);
        }

        @Override
        public Kind kind() {
            return Kind.EXISTS;
        }
    }

    /** Another operation on the same volume is under way, or this one goes on in the background: call again. */
    public static final class Busy extends CsiFault {
        private static final long serialVersionUID = 1L;

        public Busy(String message) {
            super(message, null);
        }

        @Override
        public Kind kind() {
            return Kind.BUSY;
        }
    }

    /** The volume or the node is not in a state that allows it; calling again without a change is of no use. */
    public static final class Precondition extends CsiFault {
        private static final long serialVersionUID = 1L;

        public Precondition(String message) {
            super(message, null);
        }

        @Override
        public Kind kind() {
            return Kind.PRECONDITION;
        }
    }

    /** A size, or a page token's position, outside of what can be. */
    public static final class OutOfRange extends CsiFault {
        private static final long serialVersionUID = 1L;

        public OutOfRange(String message) {
            super(message, null);
        }

        @Override
        public Kind kind() {
            return Kind.OUT_OF_RANGE;
        }
    }

    /** No pool in reach has the room, or a limit is reached. */
    public static final class OutOfSpace extends CsiFault {
        private static final long serialVersionUID = 1L;

        public OutOfSpace(String message) {
            super(message, null);
        }

        @Override
        public Kind kind() {
            return Kind.OUT_OF_SPACE;
        }
    }

    /** Another process (engine, node plugin) does not answer now: call again. */
    public static final class Unavailable extends CsiFault {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message) {
            super(message, null);
        }

        public Unavailable(String message, Throwable cause) {
            super(message, cause);
        }

        @Override
        public Kind kind() {
            return Kind.UNAVAILABLE;
        }
    }

    /** The deadline passed; the message says what was being waited for. */
    public static final class Timeout extends CsiFault {
        private static final long serialVersionUID = 1L;

        public Timeout(String message) {
            super(message, null);
        }

        @Override
        public Kind kind() {
            return Kind.TIMEOUT;
        }
    }

    /** This driver does not do that. */
    public static final class Unsupported extends CsiFault {
        private static final long serialVersionUID = 1L;

        public Unsupported(String message) {
            super(message, null);
        }

        @Override
        public Kind kind() {
            return Kind.UNSUPPORTED;
        }
    }

    /** Something failed that should not have; the message says what, the log has the rest. */
    public static final class Internal extends CsiFault {
        private static final long serialVersionUID = 1L;

        public Internal(String message) {
            super(message, null);
        }

        public Internal(String message, Throwable cause) {
            super(message, cause);
        }

        @Override
        public Kind kind() {
            return Kind.INTERNAL;
        }
    }
}
