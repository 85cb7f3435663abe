package io.ublkcsi.common.store;

/**
 * A record: what is wanted, and what is.
 *
 * @param spec written by the controller alone
 * @param status written by the node's plugin alone
 */
public record Entry<S extends Spec<S>, T extends Status>(S spec, T status) {
    public String id() {
        return spec.id();
    }
}
