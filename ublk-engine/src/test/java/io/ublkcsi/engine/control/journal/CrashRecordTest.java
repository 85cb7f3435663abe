package io.ublkcsi.engine.control.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CrashRecordTest {
    private static CrashRecord died(CrashRecord record, boolean alone, boolean crashed) {
        return record.mark(alone).afterDeath(crashed);
    }

    @Test
    void threeCrashesInARowIsolate() {
        CrashRecord once = died(CrashRecord.CLEAN, false, true);
        assertThat(once.isSuspect()).isTrue();
        CrashRecord twice = died(once, true, true);
        assertThat(twice.isIsolated()).isFalse();
        assertThat(died(twice, true, true).isIsolated()).isTrue();
    }

    @Test
    void aDeathWithoutTheMarkIsNotTheDevices() {
        assertThat(CrashRecord.CLEAN.afterDeath(true)).isEqualTo(CrashRecord.CLEAN);
    }

    @Test
    void killsWhileOthersAreMarkedTooNeverIsolate() {
        CrashRecord record = CrashRecord.CLEAN;
        for (int i = 0; i < 1_000; i++) {
            record = died(record, false, false);
            assertThat(record.isIsolated()).isFalse();
        }
        assertThat(record.isSuspect()).isTrue();
    }

    @Test
    void deathsWithoutAReportIsolateOnlyWhenTheyGoOnAlone() {
        CrashRecord record = died(died(died(CrashRecord.CLEAN, false, false), false, false), false, false);
        assertThat(record.isSuspect()).isTrue();
        record = died(died(record, true, false), true, false);
        assertThat(record.isIsolated()).isFalse();
        assertThat(died(record, false, false).mark(true).afterDeath(false).isIsolated())
                .isFalse();
        assertThat(died(record, true, false).isIsolated()).isTrue();
    }
}
