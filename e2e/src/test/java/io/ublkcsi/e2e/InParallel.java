package io.ublkcsi.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** The same work for many numbers, as many at a time as there are callers. */
final class InParallel {
    private InParallel() {}

    /** Does the work for 0, 1, ... {@code count - 1}, begun in that order; the answers are in that order, too. */
    static <T> List<T> run(ExecutorService callers, int count, IntFunction<T> work) throws Exception {
        List<Future<T>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            running.add(callers.submit(() -> work.apply(number)));
        }
        List<T> answers = new ArrayList<>();
        for (Future<T> one : running) {
            answers.add(one.get());
        }
        return answers;
    }
}
