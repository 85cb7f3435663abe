import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;

/**
 * Makes a Java trust store (JKS: its certificates can be read without its password) from a file of PEM certificates:
 * {@code TrustStore.java PEM STORE}.
 */
class TrustStore {
    public static void main(String[] arguments) throws Exception {
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        int number = 0;
        try (var pem = Files.newInputStream(Path.of(arguments[0]))) {
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
        }
        Path target = Path.of(arguments[1]);
        Files.deleteIfExists(target);
        try (OutputStream out = Files.newOutputStream(target)) {
            store.store(out, "changeit".toCharArray());
        }
    }
}
