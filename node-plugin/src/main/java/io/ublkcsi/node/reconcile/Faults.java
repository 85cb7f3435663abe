package io.ublkcsi.node.reconcile;

import io.ublkcsi.common.fault.CsiFault;

/** Which faults pass by themselves. */
final class Faults {
    private Faults() {}

    static boolean passing(CsiFault fault) {
        return switch (fault) {
            case CsiFault.Unavailable _, CsiFault.Timeout _, CsiFault.Busy _, CsiFault.Internal _ -> true;
            case CsiFault.Invalid _,
                    CsiFault.NotFound _,
                    CsiFault.Exists _,
                    CsiFault.Precondition _,
                    CsiFault.OutOfRange _,
                    CsiFault.OutOfSpace _,
                    CsiFault.Unsupported _ -> false;
        };
    }
}
