package io.ublkcsi.engine.cli;

import ch.qos.logback.classic.LoggerContext;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets the log up before anybody logs (see {@link LogConfigurator}), and writes out what waits in it before the process
 * ends.
 */
final class EngineLog {
    private EngineLog() {}

    static void configure(boolean json, String level) {
        System.setProperty(LogConfigurator.FORMAT, json ? "json" : "text");
        System.setProperty(LogConfigurator.LEVEL, level);
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.setLevel(Level.WARNING);
        root.addHandler(new ToSlf4j());
    }

    static void flush() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logback) {
            logback.stop();
        }
    }

    /** gRPC logs through the JDK: its warnings go where ours go. */
    private static final class ToSlf4j extends Handler {
        @Override
        public void publish(LogRecord line) {
            org.slf4j.Logger log = LoggerFactory.getLogger(String.valueOf(line.getLoggerName()));
            if (line.getLevel().intValue() >= Level.SEVERE.intValue()) {
                log.error(line.getMessage(), line.getThrown());
            } else {
                log.warn(line.getMessage(), line.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
