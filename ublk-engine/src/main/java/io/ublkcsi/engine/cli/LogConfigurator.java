package io.ublkcsi.engine.cli;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.NopStatusListener;
import org.jspecify.annotations.Nullable;

/**
 * The log of engine, plugins and clients: to standard error, as text or JSON. In code, because a configuration file
 * takes an XML parser and two hundred classes, whose memory an engine locks, and time at each start. Logback finds it
 * as a service, before the first line.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_LOW_PRIORITY)
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    /** System property: {@code json}, or text. */
    static final String FORMAT = "ublkcsi.log.format";
    /** System property: engines and plugins set it; a client is quiet. */
    static final String LEVEL = "ublkcsi.log.level";

    private static final String LINE = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSX, UTC} %-5level [%thread] %logger{0}: %msg%n%ex";
    private static final int LINES_THAT_WAIT = 1024;

    @Override
    public ExecutionStatus configure(LoggerContext log) {
        if (getClass().getResource("/logback-test.xml") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        set(log, "json".equals(System.getProperty(FORMAT)), System.getProperty(LEVEL));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /**
     * @param level such as {@code info}; null: warn
     */
    static void set(LoggerContext log, boolean json, @Nullable String level) {
        log.getStatusManager().add(new NopStatusListener());
        Logger root = log.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(level, Level.WARN));
        root.addAppender(async(log, console(log, json ? json(log) : text(log))));
        // It warns that a Unix socket has no SO_KEEPALIVE, once a connection.
        log.getLogger("io.netty.bootstrap").setLevel(Level.ERROR);
        // It warns that our own resources are v1alpha1.
        log.getLogger("io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils")
                .setLevel(Level.ERROR);
    }

    private static Encoder<ILoggingEvent> text(LoggerContext log) {
        PatternLayoutEncoder text = new PatternLayoutEncoder();
        text.setContext(log);
        text.setPattern(LINE);
        text.start();
        return text;
    }

    private static Encoder<ILoggingEvent> json(LoggerContext log) {
        JsonEncoder json = new JsonEncoder();
        json.setContext(log);
        json.setWithSequenceNumber(false);
        json.setWithNanoseconds(false);
        json.setWithContext(false);
        json.setWithFormattedMessage(true);
        json.setWithArguments(false);
        json.start();
        return json;
    }

    private static Appender<ILoggingEvent> console(LoggerContext log, Encoder<ILoggingEvent> encoder) {
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(log);
        console.setName("console");
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        return console;
    }

    /** Whoever logs never waits: the engine serves memory reclaim, and the log may go to a disk that waits for it. */
    private static Appender<ILoggingEvent> async(LoggerContext log, Appender<ILoggingEvent> behind) {
        AsyncAppender async = new AsyncAppender();
        async.setContext(log);
        async.setName("async");
        async.setQueueSize(LINES_THAT_WAIT);
        async.setDiscardingThreshold(0);
        async.setNeverBlock(true);
        async.addAppender(behind);
        async.start();
        return async;
    }
}
