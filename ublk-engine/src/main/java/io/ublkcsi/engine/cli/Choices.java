package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.ByteSize;
import io.ublkcsi.proto.engine.v1.DataPath;
import io.ublkcsi.proto.engine.v1.Frontend;
import io.ublkcsi.proto.engine.v1.Provisioning;
import io.ublkcsi.proto.engine.v1.RecoveryPolicy;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Values of options, as the command line spells them. */
final class Choices {
    private Choices() {}

    static final class DataPathConverter implements ITypeConverter<DataPath> {
        @Override
        public DataPath convert(String text) {
            return named("data path", "DATA_PATH_", text, DataPath.values());
        }
    }

    static final class FrontendConverter implements ITypeConverter<Frontend> {
        @Override
        public Frontend convert(String text) {
            return named("frontend", "FRONTEND_", text, Frontend.values());
        }
    }

    static final class RecoveryConverter implements ITypeConverter<RecoveryPolicy> {
        @Override
        public RecoveryPolicy convert(String text) {
            return named("recovery policy", "RECOVERY_POLICY_", text, RecoveryPolicy.values());
        }
    }

    static final class ProvisioningConverter implements ITypeConverter<Provisioning> {
        @Override
        public Provisioning convert(String text) {
            return named("provisioning", "PROVISIONING_", text, Provisioning.values());
        }
    }

    /** {@code 512}, {@code 10Gi}. */
    static final class BytesConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return ByteSize.parse("size", text);
        }
    }

    private static <E extends Enum<E>> E named(String what, String prefix, String text, E[] values) {
        return Arrays.stream(values)
                .filter(value ->
                        isChoice(prefix, value) && spelled(prefix, value).equals(text))
                .findAny()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is no " + what + ": use "
                        + Arrays.stream(values)
                                .filter(value -> isChoice(prefix, value))
                                .map(value -> spelled(prefix, value))
                                .collect(Collectors.joining(", "))));
    }

    private static boolean isChoice(String prefix, Enum<?> value) {
        return value.name().startsWith(prefix) && !value.name().endsWith("_UNSPECIFIED");
    }

    private static String spelled(String prefix, Enum<?> value) {
        return value.name().substring(prefix.length()).toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
