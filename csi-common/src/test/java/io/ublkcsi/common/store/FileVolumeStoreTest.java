package io.ublkcsi.common.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class FileVolumeStoreTest extends VolumeStoreContract {
    @TempDir
    Path folder;

    @Override
    protected VolumeStore open(boolean ofNode) throws IOException {
        return FileVolumeStore.open(folder);
    }

    @Override
    protected void writeNewerFormat(String volumeId) throws IOException {
        Path file = folder.resolve("volumes").resolve(volumeId + FileRecords.SPEC);
        Files.writeString(
                file, Files.readString(file).replaceFirst("\"formatVersion\" : \\d+", "\"formatVersion\" : 1000"));
    }
}
