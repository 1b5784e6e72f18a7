package dev.tatara.runtime.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * {@code v2/models/<model>[/versions/<version>][/<action>]} and {@code v1/models/<model>[/versions/<version>][:<action>]}.
 *
 * @param version null where the path names none
 * @param action what is asked for: {@code infer}, {@code predict}, {@code ready}, or empty for the model's description
 */
record ModelPath(String model, String version, String action) {
    static final String V2 = "/v2/models/";
    static final String V1 = "/v1/models/";

    /** Takes a path apart that begins with {@link #V2} or {@link #V1}. */
    static Optional<ModelPath> parse(String path) {
        return path.startsWith(V2)
                ? v2(path.substring(V2.length()).split("/", -1))
                : v1(path.substring(V1.length()).split("/", -1));
    }

    private static Optional<ModelPath> v2(String[] parts) {
        return switch (parts.length) {
            case 1 -> of(parts[0], null, "");
            case 2 -> of(parts[0], null, parts[1]);
            case 3 -> parts[1].equals("versions") ? of(parts[0], parts[2], "") : Optional.empty();
            case 4 -> parts[1].equals("versions") ? of(parts[0], parts[2], parts[3]) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<ModelPath> v1(String[] parts) {
        String last = parts[parts.length - 1];
        int colon = last.lastIndexOf(':');
        String action = colon < 0 ? "" : last.substring(colon + 1);
        String name = colon < 0 ? last : last.substring(0, colon);
        return switch (parts.length) {
            case 1 -> of(name, null, action);
            case 3 -> parts[1].equals("versions") ? of(parts[0], name, action) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<ModelPath> of(String model, String version, String action) {
        if (model.isEmpty()) {
            return Optional.empty();
        }
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
