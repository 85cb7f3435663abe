package io.ublkcsi.engine.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static JsonObject parse(String text) {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsWrittenIsRead() {
        JsonObject tree = new JsonObject();
        tree.addProperty("text", "ü <b> \"'\n");
        tree.addProperty("long", Long.MAX_VALUE);
        tree.addProperty("flag", true);

        JsonObject read = Json.parse(Json.bytes(tree));

        assertThat(Json.text(read, "text")).isEqualTo("ü <b> \"'\n");
        assertThat(Json.longInteger(read, "long")).isEqualTo(Long.MAX_VALUE);
        assertThat(Json.flag(read, "flag")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[]", "null", "7", "{a: 1}", "{'a': 1}", "{\"a\": 1} x", "{\"a\": 1,}", "{\"a\" 1}"})
    void onlyOneObjectIsRead(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(text))
                .withMessage("it is not the JSON that an engine writes");
    }

    @Test
    void bytesThatAreNoUtf8AreRefused() {
        byte[] bytes = "{\"a\": \"?\"}".getBytes(StandardCharsets.UTF_8);
        bytes[7] = (byte) 0xff;

        assertThatIllegalArgumentException().isThrownBy(() -> Json.parse(bytes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"x\": null}", "{\"x\": []}", "{\"x\": 2147483648}", "{\"x\": 1.5}", "{\"x\": \"y\"}"})
    void whatIsNoIntegerIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Json.integer(parse(text), "x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"x\": 1}", "{\"x\": \"true\"}", "{\"x\": null}"})
    void whatIsNoFlagIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Json.flag(parse(text), "x"));
    }
}
