package io.ublkcsi.node.rpc;

import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.node.engine.BlockDevices;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.expand.ExpandVolume;
import io.ublkcsi.node.filesystem.MkfsGuard;
import io.ublkcsi.node.filesystem.Probe;
import io.ublkcsi.node.holder.Holders;
import io.ublkcsi.node.mount.MountTable;
import io.ublkcsi.node.mount.Mounter;
import io.ublkcsi.node.process.Children;
import io.ublkcsi.node.process.Commands;
import io.ublkcsi.node.publish.PublishVolume;
import io.ublkcsi.node.publish.UnpublishVolume;
import io.ublkcsi.node.stage.StageFilesystem;
import io.ublkcsi.node.stage.StageVolume;
import io.ublkcsi.node.stage.UnstageVolume;
import io.ublkcsi.node.stage.Volumes;
import io.ublkcsi.node.stats.VolumeHealth;
import io.ublkcsi.node.stats.VolumeStats;
import java.util.function.Supplier;

/** What the node plugin can do, each a class of its own. */
public record UseCases(
        StageVolume stage,
        UnstageVolume unstage,
        PublishVolume publish,
        UnpublishVolume unpublish,
        VolumeStats stats,
        ExpandVolume expand,
        VolumeHealth health) {

    /** The system around the plugin; tests replace it. */
    public record Surroundings(
            VolumeStore store,
            String node,
            EngineClient engine,
            BlockDevices devices,
            Supplier<MountTable> mounts,
            Commands commands,
            Children children,
            Holders holders) {}

    public static UseCases in(Surroundings around) {
        Volumes volumes = new Volumes(around.store(), around.node());
        EngineClient engine = around.engine();
        BlockDevices devices = around.devices();
        Commands commands = around.commands();
        Mounter mounter = new Mounter(commands, around.mounts(), around.holders());
        MkfsGuard guard = new MkfsGuard(new Probe(commands));
        StageFilesystem filesystem =
                new StageFilesystem(volumes, engine, devices, mounter, guard, commands, around.holders());
        return new UseCases(
                new StageVolume(volumes, engine, devices, mounter, filesystem),
                new UnstageVolume(volumes, engine, mounter, around.holders()),
                new PublishVolume(volumes, engine, devices, mounter),
                new UnpublishVolume(volumes, mounter),
                new VolumeStats(volumes, mounter, devices, commands),
                new ExpandVolume(volumes, engine, mounter, commands),
                new VolumeHealth(volumes, engine, around.children()));
    }
}
