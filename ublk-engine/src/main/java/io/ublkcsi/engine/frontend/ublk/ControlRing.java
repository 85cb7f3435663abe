package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.RingException;
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
        MemorySegment command = ring.prepareLongCommand(CONTROL_SLOT, opcode, 0);
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
        while (!answered) {
            long leftNs = deadlineNs - System.nanoTime();
            if (leftNs <= 0) {
                lost = true;
                return -Errno.ETIMEDOUT;
            }
            ring.submitAndWait(Math.min(leftNs, TimeUnit.SECONDS.toNanos(1)));
            ring.drain((userData, commandResult) -> {
                result = commandResult;
                answered = true;
            });
        }
        return result;
    }

    @Override
    public void close() {
        ring.close();
        if (!lost) {
            arena.close();
        }
    }
}
