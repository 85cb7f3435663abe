package io.ublkcsi.common.identity;

/**
 * Who we are.
 *
 * @param name the CSI driver's name; immutable once volumes exist, because they carry it
 * @param version of this build
 * @param specLevel which capabilities are shown
 */
public record Driver(String name, String version, SpecLevel specLevel) {
    /** The driver for volumes that live on one node. */
    public static final String LOCAL = "local.ublk-csi.io";
    /** Key of the topology segment whose value is the node's name. */
    public static final String TOPOLOGY_KEY = "topology.ublk-csi.io/node";

    /** The local driver at the version of the jar that this class came in. */
    public static Driver local(SpecLevel specLevel) {
        String version = Driver.class.getPackage().getImplementationVersion();
        return new Driver(LOCAL, version == null ? "development" : version, specLevel);
    }
}
