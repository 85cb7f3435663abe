package io.ublkcsi.engine.block;

/** A backend around another one's volume, which it owns: hands on whatever a subclass does not do in its own way. */
public abstract class BackendAround implements Backend {
    protected final Backend volume;

    protected BackendAround(Backend volume) {
        this.volume = volume;
    }

    @Override
    public BlockLimits limits() {
        return volume.limits();
    }

    @Override
    public void queuesOpened() {
        volume.queuesOpened();
    }

    @Override
    public void refresh() {
        volume.refresh();
    }

    @Override
    public void giveUp() {
        volume.giveUp();
    }

    @Override
    public void close() {
        volume.close();
    }
}
