package io.ublkcsi.engine.control;

import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.frontend.FrontendKind;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An attach's options as the journal keeps them. An option that is not there has its default. */
final class OptionsCodec {
    private static final String FRONTEND = "frontend";
    private static final String DATA_PATH = "dataPath";
    private static final String QUEUES = "queues";
    private static final String DEPTH = "depth";
    private static final String MAX_IO_BYTES = "maxIoBytes";
    private static final String FAIL_IO = "failIo";
    private static final String READ_ONLY = "readOnly";
    private static final String NO_DISCARD = "noDiscard";

    private OptionsCodec() {}

    static Map<String, String> write(AttachOptions options) {
        DeviceOptions device = options.device();
        Map<String, String> named = new HashMap<>();
        if (device.frontend() != null) {
            named.put(FRONTEND, device.frontend().name());
        }
        if (device.dataPath() != null) {
            named.put(DATA_PATH, device.dataPath().name());
        }
        named.put(QUEUES, String.valueOf(device.queues()));
        named.put(DEPTH, String.valueOf(device.depth()));
        named.put(MAX_IO_BYTES, String.valueOf(device.maxIoBytes()));
        named.put(FAIL_IO, String.valueOf(device.failIo()));
        named.put(READ_ONLY, String.valueOf(options.readOnly()));
        named.put(NO_DISCARD, String.valueOf(options.noDiscard()));
        return named;
    }

    /** The number of queues is cut to this process's CPUs, which may be fewer than its predecessor's. */
    static AttachOptions read(Map<String, String> named) {
        DeviceOptions device = new DeviceOptions(
                value(named, FRONTEND, FrontendKind::valueOf),
                value(named, DATA_PATH, DataPath::valueOf),
                Math.min(number(named, QUEUES), Runtime.getRuntime().availableProcessors()),
                number(named, DEPTH),
                number(named, MAX_IO_BYTES),
                Boolean.parseBoolean(named.get(FAIL_IO)));
        return new AttachOptions(
                device, Boolean.parseBoolean(named.get(READ_ONLY)), Boolean.parseBoolean(named.get(NO_DISCARD)));
    }

    private static int number(Map<String, String> named, String name) {
        return Integer.parseInt(named.getOrDefault(name, "0"));
    }

    private static <T> @Nullable T value(Map<String, String> named, String name, Function<String, T> parse) {
        String value = named.get(name);
        return value == null ? null : parse.apply(value);
    }
}
