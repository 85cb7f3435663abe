package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.Sqe;

/** A command a tag: FETCH_REQ, then COMMIT_AND_FETCH_REQ for each request. */
final class TagCommands implements IoCommands {
    private final UblkQueue queue;
    private final UblkQueueSetup setup;
    private final Ring ring;
    private final DataMover mover;
    private int ended;

    TagCommands(UblkQueue queue, DataMover mover) {
        this.queue = queue;
        this.setup = queue.setup();
        this.ring = queue.ring();
        this.mover = mover;
    }

    @Override
    public void start() {
        for (int tag = 0; tag < setup.depth(); tag++) {
            command(UblkOpcode.FETCH_REQ, tag, 0);
        }
    }

    @Override
    public void commit(int tag, int result, boolean chained) {
        command(UblkOpcode.COMMIT_AND_FETCH_REQ, tag, result);
    }

    private void command(int opcode, int tag, int result) {
        long word = IoCommand.word(setup.queue(), tag, result);
        ring.prepareCommand(
                Sqe.FIXED_FILE,
                setup.deviceSlot(),
                opcode,
                mover.autoRegistration(tag),
                word,
                mover.commandAddress(tag),
                queue.user(UblkQueue.COMMAND, tag));
    }

    /** A fetch or commit command was answered: the tag holds a request, or is taken back. */
    @Override
    public void onCompletion(int tag, int operation, int result) {
        if (result == 0) {
            queue.arriving(1);
            queue.arrived(tag);
        } else if (result == -Errno.ENODEV) {
            ended++;
        } else {
            queue.onBrokenCommit(tag, result);
        }
    }

    @Override
    public void endBatch() {}

    @Override
    public boolean isEnded() {
        return ended == setup.depth();
    }

    @Override
    public void close() {}
}
