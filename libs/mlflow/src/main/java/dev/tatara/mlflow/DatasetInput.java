package dev.tatara.mlflow;

import java.util.Objects;

/**
 * Data that a run read.
 *
 * @param name what people call it
 * @param digest at most 36 characters; together with the name it says which data they are
 * @param sourceType {@code s3}, {@code local} or {@code http}: what MLflow's client makes of the source
 * @param source JSON, as that type has it
 * @param profile JSON about the content; {@code null}: none
 * @param context what for: {@code training}, {@code validation}, {@code test}, {@code features}
 */
public record DatasetInput(
        String name, String digest, String sourceType, String source, String profile, String context) {
    public DatasetInput {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(digest, "digest");
        Objects.requireNonNull(sourceType, "sourceType");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(context, "context");
    }
}
