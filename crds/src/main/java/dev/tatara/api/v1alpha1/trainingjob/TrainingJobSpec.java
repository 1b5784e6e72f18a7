package dev.tatara.api.v1alpha1.trainingjob;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.ArtifactStoreSpec;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.common.Named;
import dev.tatara.api.v1alpha1.common.PassedOn;
import dev.tatara.api.v1alpha1.common.PodTemplate;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.Resources;
import dev.tatara.api.v1alpha1.common.Schedule;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionSpec;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * What is wanted of a training.
 *
 * @param model Registered model that each good run adds a version to.
 * @param triggers What starts a run. Without any, runs start by the annotation mlops.tatara.dev/run alone.
 * @param concurrencyPolicy What happens when a run is due while another is active: Forbid the new one or Replace the
 *     active one. Forbid where absent.
 * @param dataset The data of a run.
 * @param hyperparameters Hyperparameters for the trainer; any YAML.
 * @param sweep Searches for good hyperparameters by many trials.
 * @param trainer The user's training image, and how it runs.
 * @param retries How many times a failed step is tried again. 3 where absent.
 * @param retryDelay Time before another try. 5m where absent.
 * @param activeDeadline Longest time that a run may take.
 * @param evaluation How the model is judged on the held-back data.
 * @param register What happens with a model that passed.
 * @param registeredVersionTemplate What the ModelVersions that runs create begin with.
 * @param tracking Where runs are recorded besides the status.
 * @param artifactStore Artifact store for this training, in place of the operator's.
 * @param owner Who answers for the training: a team or a person.
 * @param runHistoryLimit How many finished runs the status remembers. 10 where absent.
 * @param suspend Starts no runs and suspends the active one.
 */
@ApiType
public record TrainingJobSpec(
        @Required @Size(min = 1, max = 63) @Pattern(Grammar.MODEL_NAME)
        String model,

        Triggers triggers,
        ConcurrencyPolicy concurrencyPolicy,
        @Required Dataset dataset,
        @PassedOn JsonNode hyperparameters,
        Sweep sweep,
        @Required Trainer trainer,
        @Min(0) @Max(100) Integer retries,
        TimeSpan retryDelay,
        @Positive TimeSpan activeDeadline,
        Evaluation evaluation,
        Registration register,
        VersionTemplate registeredVersionTemplate,
        Tracking tracking,
        ArtifactStoreSpec artifactStore,
        @Size(max = 256) String owner,
        @Min(1) @Max(50) Integer runHistoryLimit,
        Boolean suspend) {

    /** What happens when a run is due while another is active. */
    @ApiEnum
    public enum ConcurrencyPolicy {
        Forbid,
        Replace
    }

    /**
     * What starts a run.
     *
     * @param onCreate Starts a run when the object is created.
     * @param schedule Starts runs at set times.
     * @param policies DriftPolicies whose triggers start a run, by name.
     */
    @ApiType
    public record Triggers(
            Boolean onCreate,
            Schedule schedule,
            @Size(max = 16) List<@Size(min = 1, max = 253) @Pattern(Grammar.OBJECT_NAME) String> policies) {
        public Triggers {
            policies = Absent.orCopy(policies);
        }
    }

    /**
     * What happens with a model that passed.
     *
     * @param stage Stage that the new version claims. Staging where absent.
     * @param approval Whether a person has to approve the new version.
     */
    @ApiType
    public record Registration(Stage stage, RequiredApproval approval) {}

    /**
     * Whether a person has to approve.
     *
     * @param required Whether the new version may be used only after somebody approved it.
     */
    @ApiType
    public record RequiredApproval(Boolean required) {}

    /**
     * What registered versions begin with.
     *
     * @param metadata Labels and annotations of the ModelVersion.
     * @param card What people should know about the model.
     * @param review How often people look at the model again.
     */
    @ApiType
    public record VersionTemplate(
            PodTemplate.Metadata metadata, ModelVersionSpec.Card card, ModelVersionSpec.Review review) {}

    /**
     * Where runs are recorded besides the status.
     *
     * @param mlflow An MLflow server.
     */
    @ApiType
    public record Tracking(MlflowTracking mlflow) {}

    /**
     * An MLflow server.
     *
     * @param uri URL of the server.
     * @param experiment Experiment that runs are recorded in. namespace/name where absent.
     * @param secretRef Secret with token, or username and password, and ca.crt where needed.
     */
    @ApiType
    public record MlflowTracking(
            @Required @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern("^https?://.+$")
            String uri,

            @Size(min = 1, max = 256) String experiment,
            LocalReference secretRef) {}

    /**
     * The user's training image, and how it runs.
     *
     * @param image Image of the trainer.
     * @param command Command in place of the image's entry point.
     * @param args Arguments of the command.
     * @param env Environment variables to add; for values from Secrets use podTemplate.
     * @param resources Compute resources of the trainer's container.
     * @param replicas Number of pods; with more than one they find each other by RANK, WORLD_SIZE, MASTER_ADDR and
     *     MASTER_PORT. 1 where absent.
     * @param inputFormat Format of the data that the trainer gets. Parquet where absent.
     * @param spot What happens on machines that may be taken away.
     * @param queue Local queue of Kueue that the run waits in.
     * @param podTemplate A partial pod template, merged strategically over what the operator renders.
     */
    @ApiType
    public record Trainer(
            @Required @Size(min = 1, max = 512) String image,
            @Size(max = 64) List<@Size(max = 4096) String> command,
            @Size(max = 64) List<@Size(max = 4096) String> args,
            @Size(max = 128) List<EnvironmentVariable> env,
            Resources resources,
            @Min(1) @Max(1024) Integer replicas,
            InputFormat inputFormat,
            Spot spot,
            @Size(min = 1, max = 63) @Pattern(Grammar.LABEL) String queue,
            PodTemplate podTemplate) {
        public Trainer {
            command = Absent.orCopy(command);
            args = Absent.orCopy(args);
            env = Absent.orCopy(env);
        }

        /** Format of the data that the trainer gets. */
        @ApiEnum
        public enum InputFormat {
            Parquet,
            Csv
        }
    }

    /**
     * A variable of the trainer's environment.
     *
     * @param name Name of the variable.
     * @param value Value of the variable.
     */
    @ApiType
    @ValidationRule(
            value = "!self.name.startsWith('TATARA_')",
            message = "names that begin with TATARA_ belong to the operator: choose another")
    public record EnvironmentVariable(
            @Required @Size(min = 1, max = 128) @Pattern("^[A-Za-z_][A-Za-z0-9_]*$")
            String name,

            @Size(max = 32768) String value)
            implements Named {}

    /**
     * Machines that may be taken away.
     *
     * @param tolerate Tries again without counting, when the pod is taken away.
     */
    @ApiType
    public record Spot(Boolean tolerate) {}
}
