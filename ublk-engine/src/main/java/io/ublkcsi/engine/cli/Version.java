package io.ublkcsi.engine.cli;

import picocli.CommandLine.IVersionProvider;

/** The version as the build wrote it into the jar's manifest. */
final class Version implements IVersionProvider {

    /** Such as {@code ublk-csi 0.1.0}. */
    static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return "ublk-csi " + (version == null ? "(not packaged)" : version);
    }

    @Override
    public String[] getVersion() {
        return new String[] {text()};
    }
}
