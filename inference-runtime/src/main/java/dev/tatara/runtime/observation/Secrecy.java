package dev.tatara.runtime.observation;

import dev.tatara.runtime.settings.RuntimeSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jboss.logging.Logger;

/** Which values leave the process as they are, which as a keyed hash (HMAC-SHA-256), and which don't. */
final class Secrecy {
    private static final Logger LOG = Logger.getLogger(Secrecy.class);
    private static final String KEY_FILE = "PAYLOAD_HASH_KEY";
    private static final String ALGORITHM = "HmacSHA256";
    private static final int SHORTEST_KEY = 16;
    private static final int HASH_BYTES = 16;

    private final Set<String> excluded;
    private final Set<String> hashed;
    private final byte[] key;

    enum Treatment {
        SHOWN,
        HASHED,
        LEFT_OUT
    }

    private Secrecy(Set<String> excluded, Set<String> hashed, byte[] key) {
        this.excluded = excluded;
        this.hashed = hashed;
        this.key = key;
    }

    static Secrecy of(RuntimeSettings settings) {
        RuntimeSettings.Logging logging = settings.logging();
        Set<String> excluded = Set.copyOf(logging.exclude().orElse(List.of()));
        Set<String> hashed = Set.copyOf(logging.hash().orElse(List.of()));
        byte[] key = hashed.isEmpty() ? null : key(settings);
        if (key == null && !hashed.isEmpty()) {
            LOG.warnf(
                    "%s are left out of log and sketches instead of hashed: there is no key of %d bytes or more in"
                            + " tatara.runtime.logging.hash-key-file, nor a %s in the store's Secret",
                    hashed, SHORTEST_KEY, KEY_FILE);
        }
        return new Secrecy(excluded, hashed, key);
    }

    static Secrecy of(Set<String> excluded, Set<String> hashed, byte[] key) {
        return new Secrecy(excluded, hashed, key);
    }

    private static byte[] key(RuntimeSettings settings) {
        Optional<Path> file = settings.logging()
                .hashKeyFile()
                .or(() -> settings.store().credentialsDir().map(folder -> folder.resolve(KEY_FILE)));
        if (file.isEmpty() || !Files.isReadable(file.get())) {
            return null;
        }
        try {
            byte[] bytes = Files.readString(file.get()).strip().getBytes(StandardCharsets.UTF_8);
            return bytes.length < SHORTEST_KEY ? null : bytes;
        } catch (IOException e) {
            LOG.warnf("cannot read the key %s: %s", file.get(), e.getMessage());
            return null;
        }
    }

    /** Of a column of an input or output: by its own name or that of the whole. */
    Treatment of(String tensor, String column) {
        if (excluded.contains(tensor) || excluded.contains(column)) {
            return Treatment.LEFT_OUT;
        }
        if (hashed.contains(tensor) || hashed.contains(column)) {
            return key == null ? Treatment.LEFT_OUT : Treatment.HASHED;
        }
        return Treatment.SHOWN;
    }

    /** Hashes values; not thread-safe. */
    final class Hasher {
        private final Mac mac;

        Hasher() {
            try {
                mac = Mac.getInstance(ALGORITHM);
                mac.init(new SecretKeySpec(key, ALGORITHM));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has " + ALGORITHM, e);
            }
        }

        /** 32 hexadecimal digits; of a number hash its decimal text. */
        String hash(byte[] text) {
            return HexFormat.of().formatHex(Arrays.copyOf(mac.doFinal(text), HASH_BYTES));
        }
    }

    /** A hasher, or null without a key. */
    Hasher hasher() {
        return key == null ? null : new Hasher();
    }
}
