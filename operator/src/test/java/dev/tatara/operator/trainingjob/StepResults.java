package dev.tatara.operator.trainingjob;

import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.GateVerdict;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.Tracked;
import dev.tatara.contracts.Validated;
import dev.tatara.operator.trainingjob.run.RunLabels;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the steps of a run say in tests. */
final class StepResults {
    static final String DIGEST = "ab".repeat(32);
    private static final String OTHER_DIGEST = "cd".repeat(32);

    private StepResults() {}

    /** The step succeeded; where its output lies follows from the Job's arguments. */
    static StepResult<Object> success(Job job) {
        var folder = folderOf(job);
        return switch (TrainingJobScene.stepOf(job)) {
            case "validate" -> StepResult.succeeded("validate", "1,000 rows", validated(List.of()));
            case "join" -> StepResult.succeeded("join", "1,000 rows", joined(folder));
            case "train" -> StepResult.succeeded("publish", "published", published(folder, 0.2));
            case "trial" ->
                StepResult.succeeded(
                        "publish",
                        "published",
                        published(folder + "/trials/" + RunLabels.trialOf(job), 1.0 / RunLabels.trialOf(job)));
            case "evaluate" -> StepResult.succeeded("evaluate", "all gates hold", evaluated(folder, List.of()));
            case "track" -> StepResult.succeeded("track", "recorded", tracked());
            case String other -> throw new AssertionError("no step " + other);
        };
    }

    static Validated validated(List<CheckVerdict> checks) {
        return new Validated(1000, checks, false, null, "mlflow-1", "7");
    }

    static JoinedDataset joined(String folder) {
        return new JoinedDataset(
                List.of(part(folder, "train", 700), part(folder, "validation", 100), part(folder, "test", 200)),
                List.of(new JoinedDataset.View("shop", "activity", 3, OTHER_DIGEST, 990)),
                1000,
                List.of(),
                false,
                false,
                Instant.parse("2025-01-01T00:00:00Z"),
                Instant.parse("2025-12-31T00:00:00Z"));
    }

    static Published published(String folder, double loss) {
        return new Published(
                new Published.StoredFile("s3://tatara/" + folder + "/model.onnx", DIGEST, 48211),
                Map.of("loss", loss),
                List.of(),
                new Published.Artifacts("s3://tatara/" + folder + "/artifacts", 0, 0, 0),
                null,
                false);
    }

    static Evaluated evaluated(String folder, List<GateVerdict> gates) {
        return new Evaluated(
                "Classification",
                200,
                DIGEST,
                OTHER_DIGEST,
                Map.of("accuracy", 0.94, "f1", 0.9),
                Map.of(),
                gates,
                (int) gates.stream().filter(gate -> !gate.holds()).count(),
                List.of(new Evaluated.Input("X", List.of("logins", "spend"))),
                List.of("no", "yes"),
                new Evaluated.Artifact("s3://tatara/" + folder + "/evaluate/metrics.json", DIGEST),
                new Evaluated.Artifact("s3://tatara/" + folder + "/evaluate/profile.json", OTHER_DIGEST),
                new Evaluated.Artifact("s3://tatara/" + folder + "/evaluate/card.html", DIGEST),
                false);
    }

    static Tracked tracked() {
        return new Tracked("7", "mlflow-1", null, null, null, 0, 1, List.of());
    }

    private static JoinedDataset.Part part(String folder, String name, long rows) {
        return new JoinedDataset.Part(
                name, "s3://tatara/" + folder + "/dataset/" + name + ".parquet", DIGEST, 4096, rows);
    }

    /** The run's folder, as it stands in the key of the result. */
    private static String folderOf(Job job) {
        var arguments =
                job.getSpec().getTemplate().getSpec().getContainers().getFirst().getArgs();
        var key = arguments.get(arguments.indexOf("--result-key") + 1);
        return key.replaceFirst("^((?:[^/]+/){3}[^/]+)/.*$", "$1");
    }
}
