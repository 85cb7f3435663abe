package io.ublkcsi.common.fault;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** The one place where faults become gRPC status codes, and an engine's status codes become faults. */
public final class StatusMapping {
    private StatusMapping() {}

    /** What the caller of an RPC gets. Anything but a fault is a bug of ours: INTERNAL, without its inner details. */
    public static Status toStatus(Throwable failure) {
        if (failure instanceof CsiFault fault) {
            return codeOf(fault).withDescription(fault.getMessage());
        }
        return Status.INTERNAL.withDescription("unexpected "
                + failure.getClass().getSimpleName() + "; the plugin's log has the details under this call's RPC id");
    }

    private static Status codeOf(CsiFault fault) {
        return switch (fault) {
            case CsiFault.Invalid _ -> Status.INVALID_ARGUMENT;
            case CsiFault.NotFound _ -> Status.NOT_FOUND;
            case CsiFault.Exists _ -> Status.ALREADY_EXISTS;
            case CsiFault.Busy _ -> Status.ABORTED;
            case CsiFault.Precondition _ -> Status.FAILED_PRECONDITION;
            case CsiFault.OutOfRange _ -> Status.OUT_OF_RANGE;
            case CsiFault.OutOfSpace _ -> Status.RESOURCE_EXHAUSTED;
            case CsiFault.Unavailable _ -> Status.UNAVAILABLE;
            case CsiFault.Timeout _ -> Status.DEADLINE_EXCEEDED;
            case CsiFault.Unsupported _ -> Status.UNIMPLEMENTED;
            case CsiFault.Internal _ -> Status.INTERNAL;
        };
    }

    /**
     * What a failed call of another process means for ours.
     *
     * @param peer whom we called and what for, such as {@code engine: Attach}
     */
    public static CsiFault toFault(StatusRuntimeException failure, String peer) {
        String said = failure.getStatus().getDescription();
        // What follows in further lines is gRPC's own history of the connection, stack traces included.
        String message = peer + ": "
                + (said == null
                        ? failure.getStatus().getCode().name()
                        : said.lines().findFirst().orElse("").replaceFirst(" Name resolution delay .*", ""));
        return switch (failure.getStatus().getCode()) {
            case INVALID_ARGUMENT -> new CsiFault.Invalid(message);
            case NOT_FOUND -> new CsiFault.NotFound(message);
            case ALREADY_EXISTS -> new CsiFault.Exists(message);
            case ABORTED -> new CsiFault.Busy(message);
            case FAILED_PRECONDITION -> new CsiFault.Precondition(message);
            case OUT_OF_RANGE -> new CsiFault.OutOfRange(message);
            case RESOURCE_EXHAUSTED -> new CsiFault.OutOfSpace(message);
            case UNAVAILABLE ->
                new CsiFault.Unavailable(message + "; is the process running, and is its socket the one configured?");
            case CANCELLED, DEADLINE_EXCEEDED ->
                new CsiFault.Timeout(message + "; the process is stopped, starting or overloaded");
            case UNIMPLEMENTED -> new CsiFault.Unsupported(message);
            default -> new CsiFault.Internal(message, failure);
        };
    }
}
