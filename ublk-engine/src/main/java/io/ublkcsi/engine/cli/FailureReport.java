package io.ublkcsi.engine.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ublkcsi.engine.block.EngineException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Tells a failure in one line on standard error, and turns it into an exit code. Faults of ours keep their stack trace.
 */
final class FailureReport implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        return switch (failure) {
            case EngineException known -> told(command, known.getMessage(), ExitCode.of(known.kind()));
            case StatusRuntimeException answer ->
                told(command, sentence(answer), ExitCode.of(answer.getStatus().getCode()));
            default -> {
                failure.printStackTrace(command.getErr());
                yield ExitCode.FAILED;
            }
        };
    }

    private static String sentence(StatusRuntimeException answer) {
        Status status = answer.getStatus();
        return switch (status.getCode()) {
            case UNAVAILABLE ->
                "no engine answers: start one with 'ublk-csi engine', or name its socket with --socket ("
                        + status.getDescription() + ")";
            case DEADLINE_EXCEEDED ->
                "the engine did not answer in time: 'ublk-csi list' and its log show what it waits for;"
                        + " --timeout gives it longer";
            default -> status.getDescription() == null ? status.getCode().toString() : status.getDescription();
        };
    }

    private static int told(CommandLine command, String sentence, int exitCode) {
        command.getErr().println("ublk-csi: " + sentence);
        return exitCode;
    }
}
