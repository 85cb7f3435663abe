package io.ublkcsi.engine.control.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.frontend.DeviceToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final VolumeKey VOLUME = new VolumeKey("pool", "v.1");

    @TempDir
    private Path directory;

    private Journal journal;

    @BeforeEach
    void open() {
        journal = Journal.open(directory);
    }

    private JournalEntry entry(VolumeKey volume) {
        return new JournalEntry(
                "boot",
                volume,
                Phase.ATTACHED,
                "ublk",
                journal.newToken(),
                "/dev/ublkb3",
                Map.of("depth", "128", "readOnly", "false"),
                CrashRecord.CLEAN.mark(true));
    }

    private Path file() {
        return directory.resolve("journal/pool/v.1.json");
    }

    private DamagedEntry damaged() {
        Journal.Content content = Journal.open(directory).read();
        assertThat(content.entries()).isEmpty();
        assertThat(content.damaged()).hasSize(1);
        return content.damaged().getFirst();
    }

    @Test
    void whatWasWrittenIsReadByTheNextEngine() {
        JournalEntry first = entry(VOLUME);
        JournalEntry second = entry(new VolumeKey("other", "v"));
        journal.put(first);
        journal.put(second);
        Journal.Content content = Journal.open(directory).read();
        assertThat(content.entries()).containsExactly(second, first);
        assertThat(content.damaged()).isEmpty();
    }

    @Test
    void aLaterEntryTakesTheEarliersPlace() {
        JournalEntry first = entry(VOLUME);
        journal.put(first);
        journal.put(first.with(Phase.DETACHING));
        assertThat(journal.read().entries()).containsExactly(first.with(Phase.DETACHING));
    }

    @Test
    void whatWasRemovedIsGoneAndMayBeRemovedAgain() {
        journal.put(entry(VOLUME));
        journal.remove(VOLUME);
        journal.remove(VOLUME);
        assertThat(journal.read().entries()).isEmpty();
    }

    @Test
    void aWriteThatWasCutOffLeavesTheOldEntry() throws IOException {
        JournalEntry old = entry(VOLUME);
        journal.put(old);
        Files.write(file().resolveSibling("v.1.json.tmp"), new byte[10]);
        assertThat(Journal.open(directory).read().entries()).containsExactly(old);
        journal.put(old.withDevice("/dev/ublkb4"));
        assertThat(journal.read().entries()).containsExactly(old.withDevice("/dev/ublkb4"));
    }

    @Test
    void theLongestNamesFit() {
        VolumeKey longest = new VolumeKey("p".repeat(128), "v".repeat(128));
        journal.put(entry(longest));
        assertThat(journal.read().entries()).extracting(JournalEntry::volume).containsExactly(longest);
    }

    @Test
    void anEntryCutShortIsDamagedAndTheOthersAreNot() throws IOException {
        JournalEntry other = entry(new VolumeKey("pool", "other"));
        journal.put(other);
        journal.put(entry(VOLUME));
        byte[] bytes = Files.readAllBytes(file());
        for (int length = 0; length < bytes.length; length++) {
            Files.write(file(), java.util.Arrays.copyOf(bytes, length));
            Journal.Content content = journal.read();
            assertThat(content.entries()).as("cut at %s", length).containsExactly(other);
            assertThat(content.damaged()).extracting(DamagedEntry::volume).containsExactly(VOLUME);
        }
    }

    @Test
    void aNewerVersionIsLeftToTheNewerEngine() throws IOException {
        journal.put(entry(VOLUME));
        Files.writeString(file(), Files.readString(file()).replace("\"formatVersion\": 1", "\"formatVersion\": 2"));
        assertThat(damaged().reason()).contains("version 2").contains("run the newer engine");
    }

    @Test
    void anEntryOfAnotherVolumeIsDamaged() throws IOException {
        journal.put(entry(VOLUME));
        Files.writeString(file(), Files.readString(file()).replace("\"v.1\"", "\"v.2\""));
        assertThat(damaged().reason()).contains("pool/v.2");
    }

    @Test
    void anEntryWithoutTokenIsDamaged() throws IOException {
        journal.put(entry(VOLUME));
        Files.writeString(file(), Files.readString(file()).replace("\"token\"", "\"tokem\""));
        assertThat(damaged().reason()).contains("no 'token'").contains(file().toString());
    }

    @Test
    void tokensTellOneStateDirectoryFromAnother(@TempDir Path another) {
        DeviceToken token = journal.newToken();
        assertThat(journal.made(token)).isTrue();
        assertThat(Journal.open(directory).made(token)).isTrue();
        Journal theirs = Journal.open(another);
        assertThat(theirs.made(token)).isFalse();
        assertThat(token.isOurs()).isTrue();
        assertThat(new DeviceToken(0).isOurs()).isFalse();
        assertThat(DeviceToken.parse(token.toString())).isEqualTo(token);
    }

    @Test
    void aRehearsalKnowsItsOwnDevicesOnlyAndAnEngineKnowsThemToo(@TempDir Path another) {
        DeviceToken token = DeviceToken.rehearsal(1);
        assertThat(token.isRehearsal()).isTrue();
        assertThat(token.isOf(1)).isTrue();
        assertThat(token.isOf(2)).isFalse();
        assertThat(journal.newToken().isOf(1)).isFalse();
        Journal rehearsal = Journal.rehearsal(another);
        assertThat(rehearsal.made(rehearsal.newToken())).isTrue();
        assertThat(rehearsal.made(journal.newToken())).isFalse();
        assertThat(journal.made(rehearsal.newToken())).isTrue();
    }

    @Test
    void aJournalThatCannotBeWrittenSaysWhere() throws IOException {
        Files.writeString(directory.resolve("journal/pool"), "a file where a folder should be", UTF_8);
        EngineException refused = catchThrowableOfType(EngineException.class, () -> journal.put(entry(VOLUME)));
        assertThat(refused.getMessage()).contains(file().toString()).contains("--state-dir");
    }
}
