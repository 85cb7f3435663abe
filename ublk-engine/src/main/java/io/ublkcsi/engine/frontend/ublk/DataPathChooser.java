package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DataPathChoice;
import io.ublkcsi.engine.frontend.DeviceOptions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Chooses a device's data path, with the reason. */
final class DataPathChooser {
    private static final List<DataPath> FASTEST_FIRST = List.of(
            DataPath.ZERO_COPY_BATCH,
            DataPath.ZERO_COPY_AUTO,
            DataPath.ZERO_COPY_MANUAL,
            DataPath.USER_COPY,
            DataPath.PLAIN_COPY);

    private static final int BATCH_DEPTH = 8;

    private DataPathChooser() {}

    /**
     * @param kernel what GET_FEATURES answered
     * @param options with the data path that the user forces, or null
     * @throws EngineException FAILED_PRECONDITION when the kernel is too old or cannot do what was forced
     */
    static DataPathChoice choose(Set<UblkFeature> kernel, Backend backend, DeviceOptions options) {
        checkKernel(kernel);
        DataPath forced = options.dataPath();
        if (forced != null) {
            return checked(kernel, backend.limits(), forced);
        }
        String noBatches = noBatches(backend, options);
        return FASTEST_FIRST.stream()
                .filter(path -> missing(kernel, path).isEmpty())
                .filter(path -> !(path.isZeroCopy() && backend.limits().needsData()))
                .filter(path -> path != DataPath.ZERO_COPY_BATCH || noBatches.isEmpty())
                .findFirst()
                .map(path -> new DataPathChoice(path, reason(kernel, backend.limits(), path, noBatches)))
                .orElseThrow();
    }

    /** Why batches would gain nothing, or cost something; empty when they gain (docs/performance.md). */
    private static String noBatches(Backend backend, DeviceOptions options) {
        if (backend.answersAtOnce()) {
            return "its requests end at once, so that handing over many at a time gains nothing";
        }
        return options.depth() < BATCH_DEPTH
                ? "with less than " + BATCH_DEPTH + " requests at a time batches gain nothing"
                : "";
    }

    /**
     * @throws EngineException FAILED_PRECONDITION when the kernel is too old for any of our data paths
     */
    static void checkKernel(Set<UblkFeature> kernel) {
        if (!kernel.contains(UblkFeature.USER_COPY)) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "this kernel's ublk driver is older than 6.5 (no USER_COPY): use kernel 6.5 or"
                            + " later, or attach with the"
                            + " VDUSE or TCMU frontend");
        }
    }

    private static DataPathChoice checked(Set<UblkFeature> kernel, BlockLimits limits, DataPath forced) {
        Set<UblkFeature> missing = missing(kernel, forced);
        if (!missing.isEmpty()) {
            UblkFeature first = missing.iterator().next();
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "data path " + forced.label() + " needs " + first + ", which kernels have from " + first.since()
                            + " on: leave the data path to the engine, or take user-copy");
        }
        if (forced.isZeroCopy() && limits.needsData()) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "data path " + forced.label()
                            + " is not for a pool whose backend looks at the data: take user-copy");
        }
        return new DataPathChoice(forced, "asked for");
    }

    private static String reason(Set<UblkFeature> kernel, BlockLimits limits, DataPath path, String noBatches) {
        if (path == DataPath.ZERO_COPY_BATCH) {
            return "the fastest, and the kernel has it";
        }
        if (!path.isZeroCopy() && limits.needsData()) {
            return "the backend looks at the data, so it cannot stay in the request's pages";
        }
        if (path == DataPath.ZERO_COPY_AUTO && !noBatches.isEmpty()) {
            return noBatches;
        }
        DataPath faster = FASTEST_FIRST.get(FASTEST_FIRST.indexOf(path) - 1);
        UblkFeature wanted = missing(kernel, faster).iterator().next();
        return "the kernel has no " + wanted + ", which comes with " + wanted.since();
    }

    private static Set<UblkFeature> missing(Set<UblkFeature> kernel, DataPath path) {
        EnumSet<UblkFeature> missing = EnumSet.noneOf(UblkFeature.class);
        missing.addAll(UblkFeature.neededBy(path));
        missing.removeAll(kernel);
        return missing;
    }

    /** The data path of a device that is there: its features name it. */
    static DataPathChoice of(Set<UblkFeature> device) {
        DataPath path = FASTEST_FIRST.stream()
                .filter(candidate -> device.containsAll(UblkFeature.neededBy(candidate)))
                .findFirst()
                .orElse(DataPath.PLAIN_COPY);
        return new DataPathChoice(path, "the device was made with it");
    }
}
