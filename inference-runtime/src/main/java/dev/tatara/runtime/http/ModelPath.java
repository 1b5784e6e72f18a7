package dev.tatara.runtime.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * {@code v2/models/<model>[/versions/<version>][/<action>]}.
 *
 * @param version null where the path names none
 * @param action what is asked for: {@code infer}, {@code ready}, or empty for the model's description
 */
record ModelPath(String model, String version, String action) {
    static final String PREFIX = "/v2/models/";

    /** Takes a path apart that begins with {@link #PREFIX}. */
    static Optional<ModelPath> parse(String path) {
        String[] parts = path.substring(PREFIX.length()).split("/", -1);
        if (parts[0].isEmpty()) {
            return Optional.empty();
        }
        return switch (parts.length) {
            case 1 -> of(parts[0], null, "");
            case 2 -> of(parts[0], null, parts[1]);
            case 3 -> parts[1].equals("versions") ? of(parts[0], parts[2], "") : Optional.empty();
            case 4 -> parts[1].equals("versions") ? of(parts[0], parts[2], parts[3]) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<ModelPath> of(String model, String version, String action) {
        try {
            return Optional.of(new ModelPath(decode(model), version == null ? null : decode(version), action));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String decode(String part) {
        return part.indexOf('%') < 0 ? part : URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
