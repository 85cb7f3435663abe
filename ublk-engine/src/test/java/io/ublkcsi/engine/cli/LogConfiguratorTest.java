package io.ublkcsi.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogConfiguratorTest {
    private final LoggerContext log = new LoggerContext();
    private final Logger root = log.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    @AfterEach
    void stop() {
        log.stop();
    }

    private String line(Throwable failure) {
        AsyncAppender async = (AsyncAppender) root.getAppender("async");
        ConsoleAppender<ILoggingEvent> console = (ConsoleAppender<ILoggingEvent>) async.getAppender("console");
        LoggingEvent event = new LoggingEvent("", root, Level.WARN, "volume {} is away", failure, new Object[] {"v"});
        event.setMDCPropertyMap(Map.of());
        return new String(console.getEncoder().encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void aLineOfText() {
        LogConfigurator.set(log, false, "info");

        assertThat(root.getLevel()).isEqualTo(Level.INFO);
        assertThat(line(new IllegalStateException("why")))
                .matches(
                        "(?s)\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z WARN  \\[.*] .*: volume v is away\n.*")
                .contains("IllegalStateException: why", "\tat ");
    }

    @Test
    void aLineOfJson() {
        LogConfigurator.set(log, true, null);

        assertThat(root.getLevel()).isEqualTo(Level.WARN);
        assertThat(line(new IllegalStateException("why")))
                .contains("\"formattedMessage\":\"volume v is away\"", "\"level\":\"WARN\"", "\"message\":\"why\"")
                .doesNotContain("\"context\"", "\"sequenceNumber\"", "\"nanoseconds\"")
                .endsWith("}\n");
    }
}
