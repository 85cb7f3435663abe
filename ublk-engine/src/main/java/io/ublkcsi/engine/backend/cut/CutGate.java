package io.ublkcsi.engine.backend.cut;

import io.ublkcsi.engine.block.Backend;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * What all changes of a volume go through, so that it can be copied as it is at one moment while it is served. The
 * moment is when {@link #cut} notes the copy: a request that was let through before was not acknowledged yet, so that
 * its data may be in the copy or not; what comes after waits until the copy has what it changes.
 *
 * <p>No request has to be held for that: whatever a user does because of an acknowledgement comes after it, and finds
 * the copy noted if the acknowledged change did.
 */
public final class CutGate {
    private static final CutMap[] NONE = {};

    private volatile CutMap[] cuts = NONE;
    private int served;

    /** Opens the volume; what is answered goes through this gate. */
    public synchronized Backend serve(Supplier<Backend> volume) {
        Backend gated = new GatedBackend(volume.get(), this);
        served++;
        return gated;
    }

    synchronized void unserved() {
        served--;
    }

    /**
     * Fixes the moment of a copy, which goes on until {@link #end}.
     *
     * @param unserved run first when nobody serves the volume through this gate: that others don't is checked there
     */
    public synchronized void cut(CutMap copy, Runnable unserved) {
        if (served == 0) {
            unserved.run();
        }
        CutMap[] more = Arrays.copyOf(cuts, cuts.length + 1);
        more[cuts.length] = copy;
        cuts = more;
    }

    /** The copy is done, or is given up: nobody waits for it any more. */
    public synchronized void end(CutMap copy) {
        cuts = Arrays.stream(cuts).filter(each -> each != copy).toArray(CutMap[]::new);
    }

    boolean isOpen() {
        return cuts.length == 0;
    }

    boolean admits(long offset, long length) {
        boolean admitted = true;
        for (CutMap copy : cuts) {
            admitted &= copy.admits(offset, length);
        }
        return admitted;
    }
}
