package dev.tatara.images.s3proxy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the environment says about the store.
 *
 * @param accessKey {@code AWS_ACCESS_KEY_ID}, what clients must sign with
 * @param secretKey {@code AWS_SECRET_ACCESS_KEY}
 * @param buckets {@code S3_BUCKETS}, separated by commas: made at start where they are missing
 * @param folder {@code S3_FOLDER}, where the objects are kept; none keeps them in memory
 * @param port {@code S3_PORT}, 8080 unless given; 0 takes a free one
 */
record StoreSettings(String accessKey, String secretKey, List<String> buckets, Optional<Path> folder, int port) {

    private static final int DEFAULT_PORT = 8080;

    /**
     * Reads and checks the variables.
     *
     * @throws IllegalArgumentException naming the variable, what it should be and what it is
     */
    static StoreSettings from(Map<String, String> environment) {
        return new StoreSettings(
                required(environment, "AWS_ACCESS_KEY_ID"),
                required(environment, "AWS_SECRET_ACCESS_KEY"),
                Arrays.stream(environment.getOrDefault("S3_BUCKETS", "").split(",", -1))
                        .map(String::strip)
                        .filter(bucket -> !bucket.isEmpty())
                        .toList(),
                Optional.ofNullable(environment.get("S3_FOLDER"))
                        .filter(folder -> !folder.isBlank())
                        .map(Path::of),
                port(environment.get("S3_PORT")));
    }

    private static String required(Map<String, String> environment, String name) {
        var value = environment.getOrDefault(name, "");
        if (value.isBlank()) {
            throw new IllegalArgumentException(
                    name + " is not set: the store takes signed requests only, set the key that clients sign with");
        }
        return value;
    }

    private static int port(String value) {
        if (value == null || value.isBlank()) {
            return DEFAULT_PORT;
        }
        if (!value.matches("\\d{1,5}") || Integer.parseInt(value) > 65535) {
            throw new IllegalArgumentException("S3_PORT must be a port between 0 and 65535, it is '" + value + "'");
        }
        return Integer.parseInt(value);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "StoreSettings[accessKey=" + accessKey + ", buckets=" + buckets + ", folder=" + folder + ", port=" + port
                + "]";
    }
}
