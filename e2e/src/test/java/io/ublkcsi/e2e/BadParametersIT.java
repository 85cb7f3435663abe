package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every wrong parameter gets its own sentence, and loses nothing. */
class BadParametersIT {
    private static final String VOLUME = "bad";

    private final Path volumes = Guest.poolDirectory().resolve("volumes");
    private final Path image = volumes.resolve(VOLUME + ".raw");

    @BeforeEach
    void create() {
        Guest.create(Guest.POOL, VOLUME, 16 * Guest.MIB);
    }

    @AfterEach
    void delete() {
        Shell.run("rm -rf " + image + " " + volumes.resolve("elsewhere"));
        Guest.delete(Guest.POOL, VOLUME);
        assertThat(Guest.devices()).isEmpty();
    }

    private static void refused(ThrowingCallable call, Status.Code code, String... words) {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refused).isNotNull();
        assertThat(refused.getStatus().getCode()).as(refused.getMessage()).isEqualTo(code);
        assertThat(refused.getMessage()).contains(words);
    }

    private static void attachRefused(Consumer<AttachOptions.Builder> options, Status.Code code, String... words) {
        AttachOptions.Builder builder = AttachOptions.newBuilder();
        options.accept(builder);
        refused(() -> Guest.attach(Guest.POOL, VOLUME, builder.build()), code, words);
    }

    @Test
    void depthQueuesAndRequestSize() {
        attachRefused(options -> options.setDepth(4097), Status.Code.INVALID_ARGUMENT, "4097", "4096");
        attachRefused(options -> options.setQueues(4000), Status.Code.INVALID_ARGUMENT, "4000", "CPUs");
        attachRefused(options -> options.setMaxIoBytes(5000), Status.Code.INVALID_ARGUMENT, "power of two");
    }

    @Test
    void sizeNotAMultipleOfTheBlock() {
        CreateVolumeRequest request = CreateVolumeRequest.newBuilder()
                .setPool(Guest.POOL)
                .setVolumeId("odd")
                .setSizeBytes(1_000_001)
                .build();
        refused(() -> Guest.pools().createVolume(request), Status.Code.INVALID_ARGUMENT, "1000001", "multiple");
        Shell.run("truncate -s 16777217 " + image);
        attachRefused(options -> {}, Status.Code.FAILED_PRECONDITION, "multiple");
    }

    @Test
    void unknownPoolOrVolume() {
        refused(() -> Guest.attach("nowhere", VOLUME), Status.Code.NOT_FOUND, "nowhere");
        refused(() -> Guest.attach(Guest.POOL, "nobody"), Status.Code.NOT_FOUND, "nobody");
        refused(() -> Guest.attach(Guest.POOL, "../bad"), Status.Code.INVALID_ARGUMENT, "../bad");
    }

    @Test
    void missingFile() {
        Shell.run("rm " + image);
        attachRefused(options -> {}, Status.Code.FAILED_PRECONDITION, "missing");
    }

    @Test
    void directoryInItsPlace() {
        Shell.run("rm " + image + " && mkdir " + image);
        attachRefused(options -> {}, Status.Code.FAILED_PRECONDITION, "directory");
    }

    @Test
    void symbolicLinkInItsPlace() {
        Shell.run("mv " + image + " " + volumes.resolve("elsewhere") + " && ln -s elsewhere " + image);
        attachRefused(options -> {}, Status.Code.FAILED_PRECONDITION, "symbolic link");
    }

    @Test
    void hardLinkBesideIt() {
        Shell.run("ln " + image + " " + volumes.resolve("elsewhere"));
        attachRefused(options -> {}, Status.Code.FAILED_PRECONDITION, "hard link");
    }

    @Test
    void attachedWithOtherOptions() {
        Guest.attach(Guest.POOL, VOLUME);
        attachRefused(options -> options.setDepth(7), Status.Code.ALREADY_EXISTS, "other options");
        refused(() -> Guest.delete(Guest.POOL, VOLUME), Status.Code.FAILED_PRECONDITION, "attached");
        Guest.detach(Guest.POOL, VOLUME);
    }
}
