import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;

/**
 * Writes a folder of PEM certificates as the trust store of a JDK (PKCS #12 without a password, as JDKs ship theirs).
 * The building machine's own trust store is not used: what a machine's owner trusts has no place in an image.
 */
void main(String[] arguments) throws IOException, GeneralSecurityException {
    if (arguments.length != 2) {
        IO.println("usage: java TrustStore.java <folder of .crt files> <cacerts to write>");
        System.exit(2);
    }
    System.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
    System.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
    var certificates = CertificateFactory.getInstance("X.509");
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var files = Files.list(Path.of(arguments[0]))) {
        for (var file : files.sorted().toList()) {
            try (var pem = Files.newInputStream(file)) {
                store.setCertificateEntry(file.getFileName().toString(), certificates.generateCertificate(pem));
            }
        }
    }
    if (store.size() == 0) {
        throw new IOException("no certificates in " + arguments[0]);
    }
    try (var written = Files.newOutputStream(Path.of(arguments[1]))) {
        store.store(written, null);
    }
}
