package io.ublkcsi.engine.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the JVM writes when it dies of itself ({@code -XX:ErrorFile}, which the launcher sets). A process that was
 * killed leaves nothing.
 */
final class CrashReports {
    private static final Logger LOG = LoggerFactory.getLogger(CrashReports.class);
    private static final String NEW = "crash-*.log";
    private static final String KEPT = "last-crash.log";

    private CrashReports() {}

    /** Whether there are new ones in the state directory; the newest is kept for people, under another name. */
    static boolean take(Path stateDirectory) {
        boolean found = false;
        try (DirectoryStream<Path> reports = Files.newDirectoryStream(stateDirectory, NEW)) {
            for (Path report : reports) {
                Path kept = stateDirectory.resolve(KEPT);
                Files.move(report, kept, StandardCopyOption.REPLACE_EXISTING);
                LOG.warn("the engine before this one has crashed: its report is {}", kept);
                found = true;
            }
        } catch (IOException failure) {
            LOG.warn("looking for crash reports failed", failure);
        }
        return found;
    }
}
