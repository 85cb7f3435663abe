package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.ByteSize;
import io.ublkcsi.proto.engine.v1.ListPoolsRequest;
import io.ublkcsi.proto.engine.v1.ListPoolsResponse;
import io.ublkcsi.proto.engine.v1.PoolStatus;
import picocli.CommandLine.Command;

/** {@code ublk-csi pools}. */
@Command(name = "pools", description = "Lists the engine's pools and their space.")
final class PoolsCommand extends ClientCommand {
    @Override
    void run(EngineClient client) {
        ListPoolsResponse answer = client.pools().listPools(ListPoolsRequest.getDefaultInstance());
        print(answer, () -> text(answer));
    }

    private static String text(ListPoolsResponse answer) {
        Table pools = new Table(
                "POOL",
                "KIND",
                "FILE SYSTEM",
                "TOTAL",
                "FREE",
                "KEPT FREE",
                "RESERVED",
                "AVAILABLE",
                "REFLINK",
                "BLOCK",
                "PROBLEM");
        for (PoolStatus pool : answer.getPoolsList()) {
            pools.row(
                    pool.getName(),
                    pool.getKind(),
                    pool.getFilesystem(),
                    ByteSize.print(pool.getTotalBytes()),
                    ByteSize.print(pool.getFreeBytes()),
                    ByteSize.print(pool.getMinFreeBytes()),
                    ByteSize.print(pool.getReservedBytes()),
                    ByteSize.print(pool.getAvailableBytes()),
                    pool.getReflink() ? "yes" : "no",
                    pool.getLogicalBlockBytes() + "/" + pool.getPhysicalBlockBytes(),
                    pool.getProblem());
        }
        return pools.toString();
    }
}
