package io.ublkcsi.common.store;

import io.ublkcsi.common.fault.CsiFault;
import org.jspecify.annotations.Nullable;

/** What every report says: which generation of the wish it is about, and whether that one failed. */
public interface Status {
    int generation();

    /** Why the wish was not fulfilled; {@code null} when it was, or work goes on. */
    CsiFault.@Nullable Kind failure();

    /** For a person; empty when there is nothing to say. */
    String reason();

    /** The reason, or what its absence means while the wish is not fulfilled. */
    default String lastWord() {
        return reason().isEmpty() ? "no word from its node plugin yet; is it running?" : reason();
    }

    /** Whether the wish of this generation was found not to be fulfillable. */
    default boolean failed(int wish) {
        return failure() != null && generation() >= wish;
    }
}
