package dev.tatara.operator.trainingjob.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.operator.steps.StoreAccess;
import dev.tatara.operator.testing.TestSettings;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;

/** Runs of a training called {@code ml/churn} for tests. */
public final class Runs {
    public static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    public static final KubernetesSerialization YAML = new KubernetesSerialization();
    public static final StoreAccess STORE = StoreAccess.of(TestSettings.ofGoldenFiles());
    public static final TrainerSettings SETTINGS = TrainerSettings.of(TestSettings.ofGoldenFiles());

    private Runs() {}

    /** A training with a specification; {@code model} and {@code dataset} are filled in. */
    public static TrainingJob job(String specification) {
        var spec = (ObjectNode) YAML.unmarshal("---\n" + specification, com.fasterxml.jackson.databind.JsonNode.class);
        spec.put("model", "churn");
        if (!spec.has("dataset")) {
            spec.putObject("dataset").put("uri", "s3://data/train.parquet").put("labelColumn", "churned");
        }
        var job = new TrainingJob();
        job.setMetadata(new ObjectMetaBuilder()
                .withNamespace("ml")
                .withName("churn")
                .withUid("1a2b3c4d-0000-0000-0000-000000000000")
                .build());
        job.setSpec(YAML.convertValue(spec, TrainingJobSpec.class));
        return job;
    }

    /** The first attempt at run 3 of a training. */
    public static TrainerRun run(TrainingJob job) {
        return attempt(job, null, 1);
    }

    /** An attempt at run 3 of a training. */
    public static TrainerRun attempt(TrainingJob job, Trial trial, int attempt) {
        return new TrainerRun(
                job,
                3,
                STORE.or(job.getSpec().artifactStore()),
                "runs/ml/churn/3-1a2b3c4d",
                trial,
                attempt,
                false,
                Duration.ofHours(6),
                null,
                NOW,
                42,
                null);
    }

    /** A trial with hyperparameters. */
    public static Trial trial(int number, String parameters) {
        return new Trial(number, YAML.unmarshal("---\n" + parameters, ObjectNode.class));
    }
}
