package io.ublkcsi.common.parameters;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.parameters.VolumeParameters.DataPath;
import io.ublkcsi.common.parameters.VolumeParameters.Frontend;
import io.ublkcsi.common.parameters.VolumeParameters.Provisioning;
import io.ublkcsi.common.parameters.VolumeParameters.Recovery;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a StorageClass's parameters. An unknown one is refused by name: a misspelt option must not be a silent one. */
public final class ParameterParser {
    /** The pool that a class without a {@code pool} means. */
    public static final String DEFAULT_POOL = "default";

    /** Every parameter, for the message that refuses another. */
    public static final List<String> KNOWN = List.of(
            "pool",
            "csi.storage.k8s.io/fstype",
            "mkfsOptions",
            "mountOptions",
            "blockSize",
            "queues",
            "queueDepth",
            "dataPath",
            "provisioning",
            "discard",
            "recovery",
            "frontend");

    /** Of the PersistentVolumeClaim; external-provisioner with {@code --extra-create-metadata}. */
    public static final String PVC_NAME = "csi.storage.k8s.io/pvc/name";

    public static final String PVC_NAMESPACE = "csi.storage.k8s.io/pvc/namespace";

    /** What the sidecars add on their own (external-provisioner and external-snapshotter, extra-create-metadata). */
    private static final Set<String> METADATA = Set.of(
            PVC_NAME,
            PVC_NAMESPACE,
            "csi.storage.k8s.io/pv/name",
            "csi.storage.k8s.io/volumesnapshot/name",
            "csi.storage.k8s.io/volumesnapshot/namespace",
            "csi.storage.k8s.io/volumesnapshotcontent/name");

    private static final Pattern POOL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    /** No slash: neither a device nor a folder of the node is mkfs's business. */
    private static final Pattern MKFS_OPTION = Pattern.compile("[A-Za-z0-9_.,:=^@%+-]+");

    private static final int MAX_QUEUES = 64;
    private static final int MAX_DEPTH = 4096;
    private static final int MAX_BLOCK_BYTES = 4096;

    private final Map<String, String> given;

    private ParameterParser(Map<String, String> given) {
        this.given = given;
    }

    /** Reads and checks all of them; absent ones have their defaults. */
    public static VolumeParameters parse(Map<String, String> parameters) {
        refuseUnknown(parameters, Set.copyOf(KNOWN));
        ParameterParser parser = new ParameterParser(parameters);
        return new VolumeParameters(
                parser.pool(),
                parser.filesystem(),
                parser.mkfsOptions(),
                MountFlags.split(field("mountOptions"), parser.text("mountOptions", "")),
                parser.blockBytes(),
                parser.number("queues", MAX_QUEUES),
                parser.number("queueDepth", MAX_DEPTH),
                parser.choice("dataPath", DataPath.AUTO),
                parser.choice("provisioning", Provisioning.THIN),
                parser.flag("discard", true),
                parser.choice("recovery", Recovery.WAIT),
                parser.choice("frontend", Frontend.AUTO));
    }

    /** Checks a snapshot class's parameters: there are none but the sidecar's own. */
    public static void refuseSnapshotParameters(Map<String, String> parameters) {
        refuseUnknown(parameters, Set.of());
    }

    private static void refuseUnknown(Map<String, String> parameters, Set<String> known) {
        Set<String> unknown = new TreeSet<>(parameters.keySet());
        unknown.removeAll(known);
        unknown.removeAll(METADATA);
        if (!unknown.isEmpty()) {
            throw new CsiFault.Invalid(
                    "parameters",
                    "unknown: " + String.join(", ", unknown) + "; known: "
                            + String.join(", ", known.isEmpty() ? List.of("none") : KNOWN));
        }
    }

    private String pool() {
        String pool = text("pool", DEFAULT_POOL);
        if (!POOL.matcher(pool).matches()) {
            throw new CsiFault.Invalid(field("pool"), "has to be lower case letters, digits and '-', at most 63");
        }
        return pool;
    }

    private @Nullable Filesystem filesystem() {
        String text = text("csi.storage.k8s.io/fstype", "");
        return text.isEmpty() ? null : Filesystem.parse(field("csi.storage.k8s.io/fstype"), text);
    }

    private List<String> mkfsOptions() {
        String text = text("mkfsOptions", "").strip();
        if (text.isEmpty()) {
            return List.of();
        }
        List<String> options = Arrays.asList(text.split("\\s+"));
        for (String option : options) {
            if (!MKFS_OPTION.matcher(option).matches()) {
                throw new CsiFault.Invalid(
                        field("mkfsOptions"),
                        "'" + option + "' is refused: options of mkfs separated by spaces, no paths");
            }
        }
        return List.copyOf(options);
    }

    private int blockBytes() {
        int bytes = number("blockSize", MAX_BLOCK_BYTES);
        if (bytes != 0 && (bytes < 512 || Integer.bitCount(bytes) != 1)) {
            throw new CsiFault.Invalid(field("blockSize"), "has to be 512, 1024, 2048 or 4096");
        }
        return bytes;
    }

    private String text(String key, String fallback) {
        return given.getOrDefault(key, fallback);
    }

    private int number(String key, int maximum) {
        String text = text(key, "");
        if (text.isEmpty()) {
            return 0;
        }
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > maximum) {
            throw new CsiFault.Invalid(field(key), "has to be a number from 1 to " + maximum);
        }
        return Integer.parseInt(text);
    }

    private boolean flag(String key, boolean fallback) {
        return switch (text(key, Boolean.toString(fallback))) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new CsiFault.Invalid(field(key), "has to be true or false");
        };
    }

    private <E extends Enum<E>> E choice(String key, E fallback) {
        String text = text(key, "");
        if (text.isEmpty()) {
            return fallback;
        }
        E[] constants = fallback.getDeclaringClass().getEnumConstants();
        for (E constant : constants) {
            if (spelt(constant).equals(text)) {
                return constant;
            }
        }
        List<String> all = Arrays.stream(constants).map(ParameterParser::spelt).toList();
        throw new CsiFault.Invalid(field(key), "has to be one of " + String.join(", ", all));
    }

    private static String spelt(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String field(String key) {
        return "parameters[" + key + "]";
    }
}
