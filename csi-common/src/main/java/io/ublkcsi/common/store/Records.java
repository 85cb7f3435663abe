package io.ublkcsi.common.store;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The records of one kind.
 *
 * <p>Two writers, two halves: the controller adds, updates wishes, and marks for deletion; the node named in a wish
 * reports, and removes the record once nothing is left of what it stood for. So no write of one is ever lost to the
 * other. Every method is durable when it returns, and thread-safe.
 *
 * @param <S> what is wanted
 * @param <T> what is
 */
public interface Records<S extends Spec<S>, T extends Status> {
    Optional<Entry<S, T>> get(String id);

    /** All, in the order of their ids. */
    List<Entry<S, T>> list();

    /** Adds a wish; {@code false}, and nothing changed, when the id is taken. */
    boolean add(S spec);

    /**
     * Changes a wish; a change to an equal one writes nothing.
     *
     * @throws io.ublkcsi.common.fault.CsiFault.NotFound when there is no such record
     */
    Entry<S, T> update(String id, UnaryOperator<S> change);

    /** Changes a status; nothing happens when the record is gone, or the status stays equal. */
    void report(String id, UnaryOperator<T> change);

    /** Removes the record; fine when there is none. */
    void remove(String id);
}
