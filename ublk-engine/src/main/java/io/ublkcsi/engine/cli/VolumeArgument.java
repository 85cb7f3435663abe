package io.ublkcsi.engine.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code POOL/NAME} on the command line: a volume, or a snapshot. */
record VolumeArgument(String pool, String id) {
    static final class Converter implements ITypeConverter<VolumeArgument> {
        @Override
        public VolumeArgument convert(String text) {
            int slash = text.indexOf('/');
            if (slash <= 0 || slash == text.length() - 1 || text.indexOf('/', slash + 1) >= 0) {
                throw new TypeConversionException("'" + text + "' is not POOL/NAME, such as local/data-1");
            }
            return new VolumeArgument(text.substring(0, slash), text.substring(slash + 1));
        }
    }

    @Override
    public String toString() {
        return pool + "/" + id;
    }
}
