package io.ublkcsi.engine.pool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.pool.Origin;
import io.ublkcsi.engine.pool.Provisioning;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordCodecTest {
    private static final ImageRecord RECORD = ImageRecord.creating(
                    "v", 8L << 30, Provisioning.THIN, 512, new Origin(Origin.Kind.SNAPSHOT, "s"), 4096)
            .asShared();

    private static String text(ImageRecord record) {
        return new String(RecordCodec.write(record), StandardCharsets.UTF_8);
    }

    private static ImageRecord read(String text) {
        return RecordCodec.read("v.json", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsWrittenIsRead() {
        ImageRecord empty = ImageRecord.creating("e", 512, Provisioning.PREALLOCATED, 4096, null, 0);

        assertThat(read(text(RECORD))).isEqualTo(RECORD);
        assertThat(read(text(empty))).isEqualTo(empty);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "shared": true       | "shared": 1
            "shared": true       | "shared": "yes"
            "kind": "SNAPSHOT"   | "kind": "SNAPSHOT", "more": 1
            "kind": "SNAPSHOT"   | "kind": "TAPE"
            "dataBytes": 4096    | "dataBytes": 4096, "more": 1
            "dataBytes": 4096    | "dataBytes": null
            "sizeBytes"          | "size"
            "logicalBlockBytes": 512 | "logicalBlockBytes": 4294967808
            "formatVersion": 1   | "formatVersion": 0
            """)
    void whatIsNotOursIsDamaged(String ours, String other) {
        String record = text(RECORD);
        assertThat(record).contains(ours);

        assertThatThrownBy(() -> read(record.replace(ours, other)))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("v.json is damaged");
    }
}
