package io.ublkcsi.engine.service;

import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** The end of a call that has one answer. What the work throws is {@link ErrorMapping}'s. */
final class Answer {
    private Answer() {}

    static <T> void with(StreamObserver<T> observer, Supplier<T> work) {
        observer.onNext(work.get());
        observer.onCompleted();
    }
}
