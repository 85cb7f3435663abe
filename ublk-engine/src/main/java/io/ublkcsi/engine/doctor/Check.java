package io.ublkcsi.engine.doctor;

/**
 * One thing that was looked at.
 *
 * @param name what, in a word or two
 * @param finding what was found
 * @param cure what to do about it; empty when nothing has to be done
 */
public record Check(String name, Verdict verdict, String finding, String cure) {
    /** What a finding means for an engine on this node. */
    public enum Verdict {
        OK,
        /** Works, with a limit that is worth knowing. */
        NOTE,
        /** An engine would not start, or volumes would not work. */
        BAD
    }

    static Check ok(String name, String finding) {
        return new Check(name, Verdict.OK, finding, "");
    }

    static Check note(String name, String finding, String cure) {
        return new Check(name, Verdict.NOTE, finding, cure);
    }

    static Check bad(String name, String finding, String cure) {
        return new Check(name, Verdict.BAD, finding, cure);
    }

    /** The same finding where it does not keep an engine from working. */
    Check asNote() {
        return isBad() ? note(name, finding, cure) : this;
    }

    public boolean isBad() {
        return verdict == Verdict.BAD;
    }
}
