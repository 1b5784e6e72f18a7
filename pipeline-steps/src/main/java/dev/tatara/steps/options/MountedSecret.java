package dev.tatara.steps.options;

import dev.tatara.steps.StepFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The keys of a mounted Secret: one small file each. */
public record MountedSecret(Path folder) {
    private static final long MAX_BYTES = 1 << 20;

    /** The text of a key without blanks at its ends; nothing where it is missing or blank. */
    public Optional<String> get(String key) throws StepFailure {
        var file = folder.resolve(key);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw StepFailure.failed("SecretMissing", "the key " + key + " in " + folder + " is too large", null);
            }
            return Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty());
        } catch (IOException e) {
            throw StepFailure.failed(
                    "SecretMissing",
                    "the key " + key + " in " + folder + " can't be read by this user: set the volume's defaultMode to"
                            + " 0440 and fsGroup, or fix the file's mode",
                    e);
        }
    }
}
