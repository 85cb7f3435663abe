package io.ublkcsi.engine.control;

import io.ublkcsi.engine.control.journal.JournalEntry;
import io.ublkcsi.engine.frontend.LeftDevice;
import java.util.List;

/** A volume whose device an earlier engine has left, and that is not served again yet, or not at all. */
record LeftVolume(JournalEntry entry, LeftDevice device, DeviceState state, String reason) {
    static LeftVolume waiting(JournalEntry entry, LeftDevice device, String reason) {
        boolean fails = OptionsCodec.read(entry.options()).device().failIo();
        return new LeftVolume(entry, device, fails ? DeviceState.FAIL_IO : DeviceState.QUIESCED, reason);
    }

    static LeftVolume isolated(JournalEntry entry, LeftDevice device) {
        return new LeftVolume(
                entry,
                device,
                DeviceState.ISOLATED,
                "engines died on it several times in a row while they took it over: its I/O waits. 'ublk-csi attach "
                        + entry.volume() + "' tries again, 'ublk-csi detach --force " + entry.volume()
                        + "' fails its I/O");
    }

    DeviceView view() {
        return new DeviceView(
                entry.volume(),
                OptionsCodec.read(entry.options()),
                state,
                device.facts(),
                AttachedVolume.TAKEN_OVER,
                device.limits(),
                reason,
                List.of());
    }
}
