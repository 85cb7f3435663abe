package io.ublkcsi.common.parameters;

import io.ublkcsi.common.fault.CsiFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Mount options from users: what reaches {@code mount -o}, and what does not. */
public final class MountFlags {
    private static final Pattern FLAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.:=+/@\"%,-]*");
    private static final int MAX_FLAGS = 32;
    private static final int MAX_FLAG_LENGTH = 256;

    /** Options that would mount something else, somewhere else, or through another program. */
    private static final Set<String> REFUSED = Set.of(
            "bind",
            "rbind",
            "move",
            "remount",
            "loop",
            "helper",
            "uhelper",
            "offset",
            "sizelimit",
            "users",
            "user",
            "owner",
            "group",
            "shared",
            "rshared",
            "slave",
            "rslave",
            "private",
            "rprivate",
            "unbindable",
            "runbindable",
            "device",
            "logdev",
            "rtdev",
            "journal_path",
            "journal_dev");

    private MountFlags() {}

    /** Checks flags one by one. A comma is allowed only inside of double quotes, as SELinux contexts have it. */
    public static List<String> check(String field, List<String> flags) {
        if (flags.size() > MAX_FLAGS) {
            throw new CsiFault.Invalid(
                    field, "has " + flags.size() + " entries; at most " + MAX_FLAGS + " are allowed");
        }
        flags.forEach(flag -> checkOne(field, flag));
        return List.copyOf(flags);
    }

    /** Splits and checks {@code a,b=c}, as a StorageClass parameter has it. */
    public static List<String> split(String field, String text) {
        List<String> flags = new ArrayList<>();
        for (String flag : text.split(",")) {
            if (!flag.isBlank()) {
                flags.add(flag.strip());
            }
        }
        return check(field, flags);
    }

    private static void checkOne(String field, String flag) {
        if (flag.length() > MAX_FLAG_LENGTH || !FLAG.matcher(flag).matches()) {
            throw new CsiFault.Invalid(
                    field, "holds an option with characters that no mount option has, or an empty one");
        }
        boolean quoted = false;
        for (int i = 0; i < flag.length(); i++) {
            quoted ^= flag.charAt(i) == '"';
            if (flag.charAt(i) == ',' && !quoted) {
                throw new CsiFault.Invalid(field, "holds two options in one entry; give each its own");
            }
        }
        String name = flag.split("=", 2)[0];
        if (REFUSED.contains(name) || name.startsWith("X-") || name.startsWith("x-") || quoted) {
            throw new CsiFault.Invalid(
                    field, "the option '" + name + "' is the driver's business, or malformed; leave it out");
        }
    }
}
