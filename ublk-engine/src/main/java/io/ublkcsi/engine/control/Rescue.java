package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.control.journal.Journal;
import io.ublkcsi.engine.control.journal.JournalEntry;
import io.ublkcsi.engine.frontend.Frontends;
import io.ublkcsi.engine.frontend.LeftDevice;
import io.ublkcsi.engine.frontend.LeftDevice.Condition;
import java.util.List;
import java.util.Objects;

/** Ends devices whose I/O waits for an engine that does not come. For a process that is no engine. */
public final class Rescue {
    private final Frontends frontends;
    private final Journal journal;

    public Rescue(Frontends frontends, Journal journal) {
        this.frontends = frontends;
        this.journal = journal;
    }

    /** Ends every device of this state directory; answers a line for each. */
    public List<String> releaseAll() {
        return left().stream()
                .filter(device -> journal.made(device.token()))
                .map(this::end)
                .toList();
    }

    /**
     * Ends one device.
     *
     * @param path such as {@code /dev/ublkb0}
     */
    public String release(String path) {
        LeftDevice device = left().stream()
                .filter(one -> one.path().equals(path))
                .findFirst()
                .orElseThrow(() -> new EngineException(
                        Kind.NOT_FOUND, path + " is no device that this program has made: it is left alone"));
        if (device.condition() == Condition.SERVED) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    path + " is served, or its engine has not ended altogether: end it with 'ublk-csi detach --force'");
        }
        return end(device);
    }

    private List<LeftDevice> left() {
        return frontends.stream().flatMap(frontend -> frontend.left().stream()).toList();
    }

    private String end(LeftDevice device) {
        frontends.stream()
                .filter(frontend -> frontend.kind() == device.facts().kind())
                .forEach(frontend -> frontend.discard(device, true));
        JournalEntry entry = journal.read().entries().stream()
                .filter(one -> Objects.equals(one.token(), device.token()))
                .findFirst()
                .orElse(null);
        if (entry == null) {
            return device.path() + " released; no entry of the journal names it";
        }
        journal.remove(entry.volume());
        return device.path() + " of volume " + entry.volume() + " released: its I/O has failed";
    }
}
