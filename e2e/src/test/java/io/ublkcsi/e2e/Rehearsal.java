package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loads, without an engine, the classes that the suite uses: the training run of its JVM's AOT cache. */
class Rehearsal {
    @Test
    void callsAndRunsPrograms() {
        StatusRuntimeException nobody = catchThrowableOfType(StatusRuntimeException.class, Guest::handshake);
        assertThat(nobody.getStatus().getCode()).as("the socket of nobody").isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(Shell.run("echo said")).isEqualTo("said");
    }

    @ParameterizedTest
    @MethodSource("one")
    void withParameters(String parameter) {
        assertThat(parameter).hasSize(3).contains("ne");
    }

    static Stream<String> one() {
        return Stream.of("one");
    }
}
