package io.ublkcsi.engine.block;

/** Tags that wait, first come first served. Holds each tag at most once, so its room is the queue's depth. */
public final class TagFifo {
    private final int[] tags;
    private int head;
    private int size;

    public TagFifo(int depth) {
        tags = new int[depth];
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public int size() {
        return size;
    }

    public void add(int tag) {
        if (size == tags.length) {
            throw new IllegalStateException("tag " + tag + " waits twice");
        }
        tags[(head + size++) % tags.length] = tag;
    }

    public int peek() {
        return tags[head];
    }

    public int remove() {
        int tag = tags[head];
        head = (head + 1) % tags.length;
        size--;
        return tag;
    }
}
