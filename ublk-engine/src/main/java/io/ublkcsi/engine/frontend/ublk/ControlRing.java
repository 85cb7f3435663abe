package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.RingException;
import io.ublkcsi.engine.uring.Sqe;
import io.ublkcsi.engine.uring.UringParams;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * Sends commands to {@code /dev/ublk-control} and waits for their answers, each with a deadline. One caller at a
 * time. Made anew for every operation on a device, so that a command that hangs holds up that device alone; after a
 * missed deadline the ring is given up, and the memory that the command may still write to stays allocated.
 */
final class ControlRing implements AutoCloseable {
    static final String PATH = "/dev/ublk-control";

    private static final int ENTRIES = 4;
    private static final int CONTROL_SLOT = 0;
    private static final int ANSWER_BYTES = 4096;
    /** User data of a command, and of what only wakes io_uring's threads. */
    private static final int COMMAND = 0;

    private static final int NUDGE = 1;
    private static final long FIRST_NUDGE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long NEXT_NUDGE_NS = TimeUnit.SECONDS.toNanos(1);

    private final Ring ring;
    private final Arena arena;
    private final MemorySegment answer;
    private int result;
    private boolean answered;
    private boolean lost;

    /**
     * @throws EngineException with the cure when there is no driver, or no permission
     */
    ControlRing(UringSyscalls syscalls) {
        int device = Linux.open(PATH, Linux.O_RDWR);
        if (device < 0) {
            throw UblkErrors.noControlDevice(device);
        }
        try {
            ring = new Ring(syscalls, ENTRIES, UringParams.SETUP_SQE128);
            ring.registerFileTable(1);
            ring.installFile(CONTROL_SLOT, device);
        } catch (RingException refused) {
            throw new EngineException(Kind.FAILED_PRECONDITION, refused.getMessage(), refused);
        } finally {
            Linux.close(device);
        }
        arena = Arena.ofShared();
        answer = arena.allocate(ANSWER_BYTES, 8);
    }

    /** Memory for the next command's payload; its content lives until the command after that. */
    MemorySegment payload() {
        return answer;
    }

    /** One command, without payload. */
    int command(int opcode, int device, long data, long deadlineNs) {
        return command(opcode, device, data, 0, 0, deadlineNs);
    }

    /**
     * Sends one command.
     *
     * @param payloadBytes how much of {@link #payload} belongs to the command
     * @param pathBytes length of a device path that leads the payload, its NUL counted
     * @param deadlineNs as {@link System#nanoTime} counts
     * @return the driver's answer, {@code -errno}, or {@code -ETIMEDOUT}
     */
    synchronized int command(int opcode, int device, long data, int payloadBytes, int pathBytes, long deadlineNs) {
        if (lost) {
            return -Errno.ETIMEDOUT;
        }
        MemorySegment command = ring.prepareLongCommand(CONTROL_SLOT, opcode, COMMAND);
        command.set(Memory.INT, CtrlCommand.DEV_ID, device);
        command.set(Memory.SHORT, CtrlCommand.QUEUE_ID, CtrlCommand.NO_QUEUE);
        command.set(Memory.SHORT, CtrlCommand.LEN, (short) payloadBytes);
        command.set(Memory.LONG, CtrlCommand.ADDR, payloadBytes == 0 ? 0 : answer.address());
        command.set(Memory.LONG, CtrlCommand.DATA, data);
        command.set(Memory.SHORT, CtrlCommand.DEV_PATH_LEN, (short) pathBytes);
        return await(deadlineNs);
    }

    private int await(long deadlineNs) {
        answered = false;
        long patienceNs = FIRST_NUDGE_NS;
        while (!answered) {
            long leftNs = deadlineNs - System.nanoTime();
            if (leftNs <= 0) {
                lost = true;
                return -Errno.ETIMEDOUT;
            }
            if (!ring.submitAndWait(Math.min(leftNs, patienceNs))) {
                nudge();
                patienceNs = NEXT_NUDGE_NS;
            }
            ring.drain((userData, commandResult) -> {
                if (userData == COMMAND) {
                    result = commandResult;
                    answered = true;
                }
            });
        }
        return result;
    }

    /**
     * The kernel runs the command on a thread of its own. Where this thread closed its last ring just before, as the
     * calls that were served before this one did, the kernel may give it to one that is about to end, and nobody runs
     * it then until more work comes (7.2, io_uring/io-wq.c, IO_WQ_BIT_EXIT_ON_IDLE). This is more work.
     */
    private void nudge() {
        ring.prepare(Sqe.NOP, Sqe.ASYNC, 0, 0, 0, 0, 0, 0, NUDGE);
    }

    @Override
    public void close() {
        ring.close();
        if (!lost) {
            arena.close();
        }
    }
}
