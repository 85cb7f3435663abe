package io.ublkcsi.engine.frontend;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The frontends of this build, the preferred first. */
public final class Frontends {
    private final List<Frontend> all;

    /**
     * A frontend, and why it is that one, for people.
     */
    public record Choice(Frontend frontend, String reason) {}

    public Frontends(List<Frontend> all) {
        this.all = List.copyOf(all);
    }

    public Stream<Frontend> stream() {
        return all.stream();
    }

    /** Those that work on this node. */
    public List<FrontendKind> usable() {
        return all.stream()
                .filter(frontend -> frontend.obstacle() == null)
                .map(Frontend::kind)
                .toList();
    }

    /**
     * The frontend of a new device.
     *
     * @param asked null: the first that works on this node
     * @throws EngineException FAILED_PRECONDITION with each one's obstacle; UNIMPLEMENTED when this build lacks it
     */
    public Choice choose(@Nullable FrontendKind asked) {
        List<String> obstacles = new ArrayList<>();
        for (Frontend frontend : all) {
            if (asked == null || frontend.kind() == asked) {
                String obstacle = frontend.obstacle();
                if (obstacle == null) {
                    return new Choice(frontend, reason(asked, obstacles));
                }
                obstacles.add(frontend.kind().label() + ": " + obstacle);
            }
        }
        if (asked != null && obstacles.isEmpty()) {
            throw new EngineException(
                    Kind.UNIMPLEMENTED,
                    "this engine has no frontend " + asked.label() + ": ask for auto, or for one of "
                            + all.stream()
                                    .map(frontend -> frontend.kind().label())
                                    .toList());
        }
        throw new EngineException(
                Kind.FAILED_PRECONDITION, "this node can show no volume. " + String.join("; ", obstacles));
    }

    private static String reason(@Nullable FrontendKind asked, List<String> obstacles) {
        if (asked != null) {
            return "asked for";
        }
        return obstacles.isEmpty()
                ? "auto: the first choice, and this node has it"
                : "auto: the first that this node has; " + String.join("; ", obstacles);
    }
}
