package io.ublkcsi.proto.csi.v1;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Our transcription against the specification: every message, field, number, type, enum value and method.
 *
 * <p>The reference, {@code csi-1.13.0.txt}, is made from the specification's own descriptors by
 * {@code e2e/csi-spec/check}. The one difference allowed is the name that Java's generator cannot bear.
 */
class CsiSpecificationTest {
    private static final FileDescriptor CSI = CsiProto.getDescriptor();

    @Test
    void everyDescriptorIsTheSpecifications() throws Exception {
        assertThat(ours()).containsExactlyElementsOf(specification());
    }

    private static List<String> specification() throws Exception {
        try (var in = Objects.requireNonNull(CsiSpecificationTest.class.getResourceAsStream("/csi-1.13.0.txt"));
                var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return List.copyOf(new TreeSet<>(reader.lines().toList()));
        }
    }

    private static List<String> ours() {
        Stream<String> all = Stream.of(
                        CSI.getMessageTypes().stream().flatMap(CsiSpecificationTest::message),
                        CSI.getEnumTypes().stream().flatMap(CsiSpecificationTest::enumeration),
                        CSI.getServices().stream()
                                .flatMap(s -> s.getMethods().stream().map(CsiSpecificationTest::method)),
                        CSI.getExtensions().stream().map(CsiSpecificationTest::extension))
                .flatMap(lines -> lines);
        return List.copyOf(new TreeSet<>(all.toList()));
    }

    private static Stream<String> message(Descriptor descriptor) {
        if (descriptor.getOptions().getMapEntry()) {
            return Stream.empty();
        }
        return Stream.of(
                        Stream.of(descriptor.getFullName()),
                        descriptor.getFields().stream().map(CsiSpecificationTest::field),
                        descriptor.getNestedTypes().stream().flatMap(CsiSpecificationTest::message),
                        descriptor.getEnumTypes().stream().flatMap(CsiSpecificationTest::enumeration))
                .flatMap(lines -> lines);
    }

    private static String field(FieldDescriptor field) {
        String type = typeOf(field);
        if (field.isMapField()) {
            List<FieldDescriptor> entry = field.getMessageType().getFields();
            type = "map<" + typeOf(entry.get(0)) + "," + typeOf(entry.get(1)) + ">";
        } else if (field.isRepeated()) {
            type = "repeated " + type;
        }
        String oneof = field.getContainingOneof() == null
                ? ""
                : " oneof " + field.getContainingOneof().getName();
        String secret = field.getOptions().getExtension(CsiProto.csiSecret) ? " csi_secret" : "";
        String name = field.getFullName().replaceFirst("\\.parameters_mutable$", ".mutable_parameters");
        return name + "=" + field.getNumber() + ":" + type + oneof + secret;
    }

    private static String typeOf(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case MESSAGE -> field.getMessageType().getFullName();
            case ENUM -> field.getEnumType().getFullName();
            default -> field.getType().name().toLowerCase(Locale.ROOT);
        };
    }

    private static Stream<String> enumeration(EnumDescriptor descriptor) {
        return descriptor.getValues().stream()
                .map(value -> descriptor.getFullName() + "." + value.getName() + "=" + value.getNumber());
    }

    private static String method(MethodDescriptor method) {
        return method.getService().getFullName() + "/" + method.getName() + " "
                + method.getInputType().getFullName() + " -> " + (method.isServerStreaming() ? "stream " : "")
                + method.getOutputType().getFullName();
    }

    private static String extension(FieldDescriptor extension) {
        return "extend " + extension.getContainingType().getFullName() + " " + extension.getFullName() + "="
                + extension.getNumber() + ":" + extension.getType().name().toLowerCase(Locale.ROOT);
    }
}
