package io.ublkcsi.engine.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Locale;

/**
 * The API's messages as JSON: every field of a message is there, also when it is empty; numbers are numbers, 64 bits
 * too; enums are as in tables.
 */
final class MessageJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private MessageJson() {}

    static String print(Message message) {
        return print(tree(message), true);
    }

    /** One line, for streams. */
    static String printLine(Message message) {
        return print(tree(message), false);
    }

    static String print(JsonNode tree, boolean indented) {
        try {
            return indented ? JSON.writeValueAsString(tree) : tree.toString();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static ObjectNode tree(Message message) {
        ObjectNode tree = NODES.objectNode();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            boolean absent = !field.isRepeated() && field.hasPresence() && !message.hasField(field);
            if (!absent) {
                tree.set(
                        field.getJsonName(),
                        field.isRepeated() ? array(message, field) : value(field, message.getField(field)));
            }
        }
        return tree;
    }

    private static ArrayNode array(Message message, FieldDescriptor field) {
        ArrayNode array = NODES.arrayNode();
        for (Object element : (List<?>) message.getField(field)) {
            array.add(value(field, element));
        }
        return array;
    }

    private static JsonNode value(FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case MESSAGE -> tree((Message) value);
            case ENUM -> NODES.textNode(shortName((EnumValueDescriptor) value));
            case BOOLEAN -> NODES.booleanNode((Boolean) value);
            case INT ->
                NODES.numberNode(isUnsigned(field) ? Integer.toUnsignedLong((Integer) value) : (long) (Integer) value);
            case LONG -> NODES.numberNode((Long) value);
            case STRING -> NODES.textNode((String) value);
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
