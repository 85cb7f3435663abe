package io.ublkcsi.engine.control;

import io.ublkcsi.engine.control.journal.JournalEntry;
import io.ublkcsi.engine.control.journal.Phase;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.frontend.LeftDevice;
import io.ublkcsi.engine.frontend.LeftDevice.Condition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What an engine does about its predecessors' devices, from the journal and what the kernel has.
 *
 * @param adopt to be served again
 * @param discard half made, half ended, or dead: to be taken away
 * @param again of an earlier boot: to be made anew
 * @param forget entries without a device
 * @param unknown entries whose frontend could not say which devices it has
 * @param unexplained made by this state directory's engines, and no entry that can be read names them
 */
record TakeoverPlan(
        List<Left> adopt,
        List<Left> discard,
        List<JournalEntry> again,
        List<JournalEntry> forget,
        List<JournalEntry> unknown,
        List<LeftDevice> unexplained) {

    /**
     * What the kernel has.
     *
     * @param silent frontends that could not say what they have, by their labels
     */
    record Found(List<LeftDevice> devices, Set<String> silent) {}

    /** An entry and its device. */
    record Left(JournalEntry entry, LeftDevice device) {}

    /**
     * @param made whether an engine of this state directory made the device with a token
     */
    static TakeoverPlan of(List<JournalEntry> entries, Found found, String bootId, Predicate<DeviceToken> made) {
        Map<DeviceToken, LeftDevice> byToken = new HashMap<>();
        found.devices().stream()
                .filter(device -> made.test(device.token()))
                .forEach(device -> byToken.put(device.token(), device));
        TakeoverPlan plan = new TakeoverPlan(
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>());
        for (JournalEntry entry : entries) {
            plan.place(entry, byToken, found.silent(), bootId);
        }
        plan.unexplained.addAll(byToken.values());
        return plan;
    }

    private void place(JournalEntry entry, Map<DeviceToken, LeftDevice> byToken, Set<String> silent, String bootId) {
        if (!entry.bootId().equals(bootId)) {
            (entry.phase() == Phase.ATTACHED ? again : forget).add(entry);
            return;
        }
        LeftDevice device = byToken.remove(entry.token());
        if (device == null) {
            (silent.contains(entry.frontend()) ? unknown : forget).add(entry);
        } else if (entry.phase() == Phase.ATTACHING || device.condition() == Condition.DEAD) {
            discard.add(new Left(entry, device));
        } else {
            adopt.add(new Left(entry, device));
        }
    }
}
