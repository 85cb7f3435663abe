package io.ublkcsi.engine.cli;

import io.grpc.Status;
import io.ublkcsi.engine.block.EngineException;

/** What the program's exit code tells; {@link UblkCsi} has the list for people. */
final class ExitCode {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int NOT_FOUND = 3;
    static final int PRECONDITION = 4;
    static final int NO_ENGINE = 5;
    static final int NO_ROOM = 6;
    static final int BUSY = 7;
    static final int NO_PERMISSION = 8;
    static final int TIMEOUT = 9;

    private ExitCode() {}

    static int of(Status.Code code) {
        return switch (code) {
            case OK -> OK;
            case INVALID_ARGUMENT, OUT_OF_RANGE -> USAGE;
            case NOT_FOUND -> NOT_FOUND;
            case FAILED_PRECONDITION, ALREADY_EXISTS, UNIMPLEMENTED -> PRECONDITION;
            case UNAVAILABLE -> NO_ENGINE;
            case RESOURCE_EXHAUSTED -> NO_ROOM;
            case ABORTED -> BUSY;
            case PERMISSION_DENIED, UNAUTHENTICATED -> NO_PERMISSION;
            case DEADLINE_EXCEEDED -> TIMEOUT;
            case CANCELLED, UNKNOWN, INTERNAL, DATA_LOSS -> FAILED;
        };
    }

    static int of(EngineException.Kind kind) {
        return of(Status.Code.valueOf(kind.name()));
    }
}
