package io.ublkcsi.engine.service;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.frontend.Frontends;
import io.ublkcsi.engine.frontend.ublk.UblkControl;
import io.ublkcsi.engine.frontend.ublk.UblkFeature;
import io.ublkcsi.engine.uring.UringSyscalls;
import io.ublkcsi.proto.engine.v1.Frontend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What a client is told about the engine and its node in the handshake; asked anew each time. */
@FunctionalInterface
public interface EngineFacts {
    Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    Node node();

    /**
     * @param kernelFeatures names of {@link UblkFeature}
     * @param frontends that work on this node
     */
    record Node(String engineVersion, String bootId, List<String> kernelFeatures, List<Frontend> frontends) {}

    /** Asks the running kernel. */
    static EngineFacts ofKernel(String engineVersion, UringSyscalls syscalls, Frontends frontends) {
        return () -> {
            List<String> features =
                    features(syscalls).stream().map(UblkFeature::name).toList();
            List<Frontend> usable =
                    frontends.usable().stream().map(DeviceMessages::frontend).toList();
            return new Node(engineVersion, bootId(), features, usable);
        };
    }

    private static Set<UblkFeature> features(UringSyscalls syscalls) {
        try (UblkControl control = new UblkControl(syscalls)) {
            return control.features();
        } catch (EngineException noDriver) {
            return Set.of();
        }
    }

    private static String bootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("reading " + BOOT_ID, unreadable);
        }
    }
}
