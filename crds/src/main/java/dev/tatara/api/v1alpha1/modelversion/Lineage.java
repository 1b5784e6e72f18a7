package dev.tatara.api.v1alpha1.modelversion;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.PassedOn;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.List;

/**
 * Where a model comes from.
 *
 * @param trainingJob Name of the TrainingJob whose run made the model.
 * @param run Number of the run.
 * @param trainedAt When the model was trained.
 * @param gitCommit Commit of the training code.
 * @param trainerImage Training image, with its digest.
 * @param seed Random seed of the run.
 * @param hyperparameters Hyperparameters of the run, as they were given.
 * @param datasets Data the model was trained on: files of rows, and snapshots that features came from.
 * @param featureViews Names of the FeatureViews the features came from.
 * @param mlflowRun Id of the run in MLflow.
 */
@ApiType
public record Lineage(
        @Size(min = 1, max = Grammar.OBJECT_NAME_LENGTH) @Pattern(Grammar.OBJECT_NAME)
        String trainingJob,

        @Min(1) Long run,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant trainedAt,
        @Size(max = 64) @Pattern("^[0-9a-f]{7,64}$") String gitCommit,
        @Size(min = 1, max = 512) String trainerImage,
        Long seed,
        @PassedOn JsonNode hyperparameters,
        @Size(max = 64) List<Dataset> datasets,
        @Size(max = 32) List<@Size(max = Grammar.OBJECT_NAME_LENGTH) String> featureViews,
        @Size(min = 1, max = 128) String mlflowRun) {
    public Lineage {
        datasets = Absent.orCopy(datasets);
        featureViews = Absent.orCopy(featureViews);
    }

    /**
     * Data that a model was trained on.
     *
     * @param uri Where the data lie.
     * @param sha256 SHA-256 of the data in 64 lower-case hexadecimal digits.
     */
    @ApiType
    public record Dataset(
            @Required @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern(Grammar.URI)
            String uri,

            @Pattern(Grammar.SHA256) @Size(max = 64) String sha256) {}
}
