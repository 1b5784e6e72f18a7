package dev.tatara.operator.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** Content digests of objects: the same content gives the same digest, whatever the order of its keys. */
public final class Digests {
    private static final ObjectMapper CANONICAL = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private Digests() {}

    /** SHA-256 over the object's canonical JSON, as the first {@code length} (≤ 64) lower-case hexadecimal digits. */
    public static String of(Object content, int length) {
        try {
            // Through a map, so that fields of beans are sorted as well.
            var tree = CANONICAL.convertValue(Map.of("content", content), Map.class);
            var digest = MessageDigest.getInstance("SHA-256")
                    .digest(CANONICAL.writeValueAsString(tree).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, length);
        } catch (JsonProcessingException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("no digest of " + content.getClass(), e);
        }
    }
}
