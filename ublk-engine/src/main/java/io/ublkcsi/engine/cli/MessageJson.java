package io.ublkcsi.engine.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import io.ublkcsi.engine.json.Json;
import java.util.List;
import java.util.Locale;

/**
 * The API's messages as JSON: every field of a message is there, also when it is empty; numbers are numbers, 64 bits
 * too; enums are as in tables.
 */
final class MessageJson {
    private MessageJson() {}

    static String print(Message message) {
        return Json.indented(tree(message));
    }

    /** One line, for streams. */
    static String printLine(Message message) {
        return tree(message).toString();
    }

    private static JsonObject tree(Message message) {
        JsonObject tree = new JsonObject();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            boolean absent = !field.isRepeated() && field.hasPresence() && !message.hasField(field);
            if (!absent) {
                tree.add(
                        field.getJsonName(),
                        field.isRepeated() ? array(message, field) : value(field, message.getField(field)));
            }
        }
        return tree;
    }

    private static JsonArray array(Message message, FieldDescriptor field) {
        JsonArray array = new JsonArray();
        for (Object element : (List<?>) message.getField(field)) {
            array.add(value(field, element));
        }
        return array;
    }

    private static JsonElement value(FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case MESSAGE -> tree((Message) value);
            case ENUM -> new JsonPrimitive(shortName((EnumValueDescriptor) value));
            case BOOLEAN -> new JsonPrimitive((Boolean) value);
            case INT ->
                new JsonPrimitive(isUnsigned(field) ? Integer.toUnsignedLong((Integer) value) : (long) (Integer) value);
            case LONG -> new JsonPrimitive((Long) value);
            case STRING -> new JsonPrimitive((String) value);
            case FLOAT, DOUBLE, BYTE_STRING ->
                throw new IllegalStateException("no such field in engine.proto: " + field);
        };
    }

    private static boolean isUnsigned(FieldDescriptor field) {
        return field.getJavaType() == JavaType.INT && field.getType() == FieldDescriptor.Type.UINT32;
    }

    /** {@code DEVICE_STATE_LIVE} as {@code live}, {@code DATA_PATH_USER_COPY} as {@code user-copy}. */
    static String shortName(EnumValueDescriptor value) {
        String type =
                value.getType().getName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
        String name = value.getName();
        String rest = name.startsWith(type + "_") ? name.substring(type.length() + 1) : name;
        return rest.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
