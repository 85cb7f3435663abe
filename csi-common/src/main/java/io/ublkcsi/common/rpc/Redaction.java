package io.ublkcsi.common.rpc;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.ublkcsi.proto.csi.v1.CsiProto;
import java.util.List;
import java.util.Map;

/** What of a request may be written to a log. */
public final class Redaction {
    private static final List<String> SUBJECTS = List.of("volume_id", "snapshot_id", "source_volume_id", "name");

    private Redaction() {}

    /** The request on one line, every field that the specification marks csi_secret removed, at any depth. */
    public static String withoutSecrets(Message request) {
        return TextFormat.printer().emittingSingleLine(true).printToString(stripped(request));
    }

    /** The id (or else the name) of what the request is about; {@code -} when it is about nothing in particular. */
    public static String subjectOf(Message request) {
        for (String name : SUBJECTS) {
            FieldDescriptor field = request.getDescriptorForType().findFieldByName(name);
            if (field != null && request.getField(field) instanceof String value && !value.isEmpty()) {
                return printable(value);
            }
        }
        return "-";
    }

    /** At most 128 characters, none of which can forge a log line. */
    private static String printable(String value) {
        String start = value.length() > 128 ? value.substring(0, 128) + "..." : value;
        return start.replaceAll("[^\\x21-\\x7e]", "?");
    }

    private static Message stripped(Message message) {
        Message.Builder builder = message.toBuilder();
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            if (field.getOptions().getExtension(CsiProto.csiSecret)) {
                builder.clearField(field);
            } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
                strip(builder, field, entry.getValue());
            }
        }
        return builder.build();
    }

    private static void strip(Message.Builder builder, FieldDescriptor field, Object value) {
        if (!field.isRepeated()) {
            builder.setField(field, stripped((Message) value));
            return;
        }
        for (int i = 0; i < builder.getRepeatedFieldCount(field); i++) {
            builder.setRepeatedField(field, i, stripped((Message) builder.getRepeatedField(field, i)));
        }
    }
}
