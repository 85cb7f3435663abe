package io.ublkcsi.engine.backend.fault;

import io.ublkcsi.engine.block.BlockOperation;
import java.util.SplittableRandom;

/** Decides for one queue which request meets which fault. The draws depend on the seed and the queue's number only. */
final class FaultDice {
    private final FaultSpec spec;
    private final SplittableRandom random;

    FaultDice(FaultSpec spec, int queue) {
        this.spec = spec;
        this.random = new SplittableRandom(spec.seed() * 31 + queue);
    }

    private boolean hits(double chance) {
        return chance > 0 && random.nextDouble() < chance;
    }

    boolean delays(int operation) {
        return spec.concerns(operation) && hits(spec.delayChance());
    }

    boolean sticks(int operation) {
        return spec.concerns(operation) && hits(spec.stuckChance());
    }

    /** Positive, or 0 for a request that may go on. */
    int errno(int operation) {
        return spec.concerns(operation) && hits(spec.errorChance()) ? spec.errno() : 0;
    }

    boolean tears(int operation) {
        return operation == BlockOperation.WRITE && hits(spec.tornChance());
    }

    boolean shortens(int operation) {
        boolean transfer = operation == BlockOperation.READ || operation == BlockOperation.WRITE;
        return transfer && hits(spec.shortChance());
    }

    /** How much of a request of several blocks is done: at least one block, and one less than all. */
    int part(int lengthBytes, int blockBytes) {
        return blockBytes * random.nextInt(1, lengthBytes / blockBytes);
    }
}
