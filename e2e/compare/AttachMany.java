/** {@code AttachMany FIRST LAST}: makes so many small volumes and attaches them, with one client for all. */
final class AttachMany {
    private static final long BYTES = 8L << 20;

    public static void main(String[] args) {
        try (EngineClient engine = new EngineClient()) {
            for (int number = Integer.parseInt(args[0]); number <= Integer.parseInt(args[1]); number++) {
                engine.create("v" + number, BYTES);
                engine.attach("v" + number);
            }
        }
        System.exit(0);
    }
}
