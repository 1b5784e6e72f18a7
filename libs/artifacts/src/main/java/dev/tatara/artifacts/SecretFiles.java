package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The keys of a mounted Secret: one small file each. Read anew at every use (a handful of tiny files), because a
 * rotated Secret appears in the running pod by itself.
 */
record SecretFiles(Path folder, String secretName) {
    static final String ACCESS_KEY_ID = "AWS_ACCESS_KEY_ID";
    static final String SECRET_ACCESS_KEY = "AWS_SECRET_ACCESS_KEY";
    static final String SESSION_TOKEN = "AWS_SESSION_TOKEN";
    static final String REGION = "AWS_REGION";
    static final String ENDPOINT_URL = "AWS_ENDPOINT_URL";
    static final String TOKEN = "token";
    static final String USERNAME = "username";
    static final String PASSWORD = "password";
    static final String CA_CERTIFICATE = "ca.crt";

    private static final List<String> KEYS = List.of(
            ACCESS_KEY_ID,
            SECRET_ACCESS_KEY,
            SESSION_TOKEN,
            REGION,
            ENDPOINT_URL,
            TOKEN,
            USERNAME,
            PASSWORD,
            CA_CERTIFICATE);
    private static final long MAX_FILE_BYTES = 1 << 20;

    static SecretFiles of(StoreSettings settings) {
        return new SecretFiles(settings.credentials(), settings.secretName());
    }

    boolean isGiven() {
        return folder != null;
    }

    /** The keys that are there and not blank, trimmed. Empty where there is no folder. */
    Map<String, String> read() throws ArtifactException {
        var values = new TreeMap<String, String>();
        if (folder == null) {
            return values;
        }
        for (var key : KEYS) {
            var file = folder.resolve(key);
            if (!Files.exists(file)) {
                continue;
            }
            try {
                if (Files.size(file) > MAX_FILE_BYTES) {
                    throw new ArtifactException(
                            Kind.CredentialsMissing, "the key " + key + " of " + describe() + " is larger than 1 MiB");
                }
                var value = Files.readString(file).strip();
                if (!value.isEmpty()) {
                    values.put(key, value);
                }
            } catch (AccessDeniedException e) {
                throw new ArtifactException(
                        Kind.CredentialsMissing,
                        "the key " + key + " of " + describe() + " can't be read by this user (" + file
                                + "): set the volume's defaultMode to 0440 and fsGroup, or fix the file's mode",
                        e);
            } catch (IOException e) {
                throw new ArtifactException(
                        Kind.CredentialsMissing, "the key " + key + " of " + describe() + " can't be read: " + file, e);
            }
        }
        return values;
    }

    String describe() {
        return secretName == null ? "the credentials in " + folder : "Secret " + secretName;
    }

    ArtifactException missing(String forWhat, List<String> expected, Map<String, String> found) {
        var has = found.isEmpty() ? "it doesn't exist or has none of the known keys" : "it has " + found.keySet();
        return new ArtifactException(
                Kind.CredentialsMissing,
                "%s needs %s with the keys %s; %s. Create or complete it in the namespace of the resource"
                        .formatted(forWhat, describe(), String.join(", ", expected), has));
    }
}
