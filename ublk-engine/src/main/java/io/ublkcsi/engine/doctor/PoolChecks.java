package io.ublkcsi.engine.doctor;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.pool.file.PoolProbe;
import io.ublkcsi.engine.pool.file.PoolTraits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A folder as the home of a file pool. */
final class PoolChecks {
    private PoolChecks() {}

    static List<Check> of(Path pool) {
        try {
            return of(pool, PoolProbe.of(pool));
        } catch (EngineException refused) {
            return List.of(Check.bad("pool " + pool, "not usable", refused.getMessage()));
        }
    }

    static List<Check> of(Path pool, PoolTraits traits) {
        String name = "pool " + pool;
        return List.of(
                traits.problem().isEmpty()
                        ? Check.ok(name, traits.filesystem() + ", direct I/O")
                        : Check.bad(name, traits.filesystem() + ", buffered", traits.problem()),
                Check.ok(
                        name + " alignment",
                        "blocks of " + traits.logicalBlockBytes() + " bytes, memory aligned to "
                                + traits.memoryAlignBytes() + (traits.rotational() ? ", rotating disk" : "")),
                traits.reflink()
                        ? Check.ok(name + " reflink", "snapshots and clones share blocks")
                        : Check.note(
                                name + " reflink",
                                "none: snapshots and clones are copied",
                                "for instant ones put the pool on XFS or Btrfs"),
                traits.punch()
                        ? Check.ok(name + " discard", "discarded blocks are given back")
                        : Check.note(name + " discard", "no holes can be punched", "discarded blocks stay taken"),
                ofItsOwn(pool, name));
    }

    private static Check ofItsOwn(Path pool, String name) {
        try {
            boolean root = Files.getFileStore(pool).equals(Files.getFileStore(Path.of("/")));
            return root
                    ? Check.note(
                            name + " disk",
                            "on the root file system",
                            "give the pool a file system of its own; until then minFree is what keeps the node alive")
                    : Check.ok(name + " disk", "a file system of its own");
        } catch (IOException unknown) {
            return Check.note(name + " disk", "unknown: " + unknown.getMessage(), "");
        }
    }
}
