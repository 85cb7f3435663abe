package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DataPathChoice;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Chooses a device's data path, with the reason. */
final class DataPathChooser {
    private static final List<DataPath> FASTEST_FIRST =
            List.of(DataPath.ZERO_COPY_AUTO, DataPath.ZERO_COPY_MANUAL, DataPath.USER_COPY, DataPath.PLAIN_COPY);

    private DataPathChooser() {}

    /**
     * @param kernel what GET_FEATURES answered
     * @param forced by the user, or null
     * @throws EngineException FAILED_PRECONDITION when the kernel is too old or cannot do what was forced
     */
    static DataPathChoice choose(Set<UblkFeature> kernel, BlockLimits limits, @Nullable DataPath forced) {
        checkKernel(kernel);
        return forced == null ? fastest(kernel, limits) : checked(kernel, limits, forced);
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
        return new DataPathChoice(forced, "asked for" + danger(forced));
    }

    private static DataPathChoice fastest(Set<UblkFeature> kernel, BlockLimits limits) {
        for (DataPath path : FASTEST_FIRST) {
            if (missing(kernel, path).isEmpty() && !(path.isZeroCopy() && limits.needsData())) {
                return new DataPathChoice(path, reason(kernel, limits, path));
            }
        }
        return new DataPathChoice(DataPath.PLAIN_COPY, "the kernel has nothing faster");
    }

    private static String reason(Set<UblkFeature> kernel, BlockLimits limits, DataPath path) {
        if (path == DataPath.ZERO_COPY_AUTO) {
            return "the fastest, and the kernel has it";
        }
        if (!path.isZeroCopy() && limits.needsData()) {
            return "the backend looks at the data, so it cannot stay in the request's pages";
        }
        UblkFeature wanted = missing(kernel, path.isZeroCopy() ? DataPath.ZERO_COPY_AUTO : DataPath.ZERO_COPY_MANUAL)
                .iterator()
                .next();
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
        DataPath path = Stream.concat(Stream.of(DataPath.ZERO_COPY_BATCH), FASTEST_FIRST.stream())
                .filter(candidate -> device.containsAll(UblkFeature.neededBy(candidate)))
                .findFirst()
                .orElse(DataPath.PLAIN_COPY);
        return new DataPathChoice(path, "the device was made with it" + danger(path));
    }

    private static String danger(DataPath path) {
        return path.endangersNode() ? ", although the end of its engine may stop the kernel: detach before" : "";
    }
}
