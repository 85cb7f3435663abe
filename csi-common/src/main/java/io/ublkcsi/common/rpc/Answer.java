package io.ublkcsi.common.rpc;

import io.grpc.stub.StreamObserver;

/** Ends a unary call. */
public final class Answer {
    private Answer() {}

    public static <T> void with(StreamObserver<T> observer, T answer) {
        observer.onNext(answer);
        observer.onCompleted();
    }
}
