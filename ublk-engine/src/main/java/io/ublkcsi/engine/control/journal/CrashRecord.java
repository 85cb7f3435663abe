package io.ublkcsi.engine.control.journal;

/**
 * How often engines died while they took a device over. A device is marked from its adoption until the requests that
 * the dead engine owed are done; an engine that dies meanwhile dies under the mark. Cleared when they are done, so that
 * every count is of deaths in a row.
 *
 * <p>A death that left a crash report behind was the engine's own, and what it was doing is to blame. One without may
 * have been a kill from outside, which says nothing about the device: a device is blamed for such deaths only when they
 * went on while it was taken over alone, after all others were served and quiet.
 *
 * @param marked an engine is taking the device over, or died doing so
 * @param alone no other device was marked then
 * @param crashes deaths under the mark that left a crash report
 * @param deaths deaths under the mark that left none
 * @param deathsAlone those of them under the mark of this device alone
 */
public record CrashRecord(boolean marked, boolean alone, int crashes, int deaths, int deathsAlone) {
    public static final CrashRecord CLEAN = new CrashRecord(false, false, 0, 0, 0);

    /** So many deaths in a row isolate a device. */
    public static final int LIMIT = 3;

    /** As the next engine sees it. */
    public CrashRecord afterDeath(boolean crashed) {
        if (!marked) {
            return this;
        }
        return crashed
                ? new CrashRecord(false, false, crashes + 1, deaths, deathsAlone)
                : new CrashRecord(false, false, crashes, deaths + 1, alone ? deathsAlone + 1 : 0);
    }

    public CrashRecord mark(boolean takenAlone) {
        return new CrashRecord(true, takenAlone, crashes, deaths, deathsAlone);
    }

    /** The device may be what kills engines: it is taken over alone, after the others. */
    public boolean isSuspect() {
        return crashes > 0 || deaths >= LIMIT;
    }

    public boolean isIsolated() {
        return crashes >= LIMIT || deathsAlone >= LIMIT;
    }
}
