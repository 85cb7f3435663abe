package io.ublkcsi.engine.block;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What went wrong, in a sentence that names the likely cause and the way out, with its kind for programs. */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Kind kind;

    /** Kinds of failure; the API's status codes are one to one with them. */
    public enum Kind {
        /** The request itself is wrong; repeating it will not help. */
        INVALID_ARGUMENT,
        NOT_FOUND,
        ALREADY_EXISTS,
        /** Something about the node, the volume or its use has to change first. */
        FAILED_PRECONDITION,
        RESOURCE_EXHAUSTED,
        PERMISSION_DENIED,
        /** Another operation on the same volume is under way. */
        ABORTED,
        DEADLINE_EXCEEDED,
        /** Neither this kernel nor this build can do it. */
        UNIMPLEMENTED,
        /** A fault of ours, or of the machine. */
        INTERNAL
    }

    public EngineException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public EngineException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
