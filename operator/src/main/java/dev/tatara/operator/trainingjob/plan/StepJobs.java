package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.trainingjob.Dataset;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec.MlflowTracking;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.TrainedModel;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.steps.StepPod;
import dev.tatara.operator.trainingjob.run.RunSettings;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import dev.tatara.operator.trainingjob.sweep.LedgerMap;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The Jobs of a run's steps, the trainer's aside. A Job's name follows from run, step and attempt; the result lies at
 * one key for all attempts, so that one whose end nobody saw is found by the next.
 */
final class StepJobs {
    private static final String MLFLOW_CREDENTIALS = "/tatara/secrets/mlflow";
    private static final String TRIALS_FOLDER = "/tatara/trials";
    private static final String JOB = FrozenDefinition.FOLDER + "/" + FrozenDefinition.JOB_FILE;

    private final TrainingRun run;
    private final RunSettings settings;

    StepJobs(TrainingRun run, RunSettings settings) {
        this.run = run;
        this.settings = settings;
    }

    /** Checks the rows before anything is computed from them. */
    Job validate(int attempt, Duration deadline) {
        var arguments = begin(StepWords.VALIDATE);
        arguments.addAll(views());
        arguments.addAll(List.of("--output", run.key(StepWords.VALIDATE)));
        arguments.addAll(List.of("--end", run.startedAt().toString()));
        var pod = pod(StepWords.VALIDATE, attempt);
        withSource(pod, arguments);
        withMlflowSecret(pod, arguments);
        return job(pod, arguments, StepWords.VALIDATE, attempt, deadline);
    }

    /** Joins the features and divides the rows. */
    Job join(int attempt, Duration deadline) {
        var arguments = begin(StepWords.JOIN);
        arguments.addAll(views());
        arguments.addAll(List.of("--output", run.key("dataset")));
        arguments.addAll(List.of("--end", run.startedAt().toString()));
        var pod = pod(StepWords.JOIN, attempt);
        withSource(pod, arguments);
        return job(pod, arguments, StepWords.JOIN, attempt, deadline);
    }

    /**
     * Judges the model.
     *
     * @param rivals versions to compare it with
     * @param keys columns that are no features
     */
    Job evaluate(int attempt, Duration deadline, TrainedModel model, List<Rival> rivals, List<String> keys) {
        var arguments = begin(StepWords.EVALUATE);
        arguments.addAll(List.of("--model", ClaimUri.mounted(model.uri())));
        arguments.addAll(List.of("--test", run.uri("dataset/test.parquet")));
        arguments.addAll(List.of("--output", run.uri(StepWords.EVALUATE)));
        // Lies beside the model, where the trainer wrote any.
        arguments.addAll(
                List.of("--training-progress", ClaimUri.mounted(model.uri()).replaceFirst("[^/]+$", "progress.jsonl")));
        for (var rival : rivals) {
            arguments.addAll(List.of("--" + rival.word() + "-model", ClaimUri.mounted(rival.uri())));
            if (!rival.features().isEmpty()) {
                arguments.addAll(List.of("--" + rival.word() + "-features", String.join(",", rival.features())));
            }
        }
        if (!keys.isEmpty()) {
            arguments.addAll(List.of("--not-features", String.join(",", keys)));
        }
        return job(pod(StepWords.EVALUATE, attempt), arguments, StepWords.EVALUATE, attempt, deadline);
    }

    /**
     * Records a run that is over in MLflow.
     *
     * @param hasTrials whether a sweep has left its memory
     */
    Job track(int attempt, Run ended, boolean hasTrials) {
        var arguments = begin(StepWords.TRACK);
        arguments.addAll(List.of("--run", run.folder()));
        arguments.addAll(List.of("--number", Long.toString(run.number())));
        arguments.addAll(List.of("--outcome", ended.phase().name()));
        arguments.addAll(List.of("--trigger", run.trigger()));
        arguments.addAll(List.of("--started", run.startedAt().toString()));
        arguments.addAll(List.of("--ended", ended.finishedAt().toString()));
        option(arguments, "--message", ended.message());
        option(arguments, "--model-version", ended.modelVersion());
        option(arguments, "--mlflow-run-id", ended.mlflowRun());
        var pod = pod(StepWords.TRACK, attempt);
        if (hasTrials) {
            pod.configMap("trials", TRIALS_FOLDER, LedgerMap.nameOf(run.job(), run.number()));
            arguments.addAll(List.of("--trials", TRIALS_FOLDER + "/trials.json.gz"));
        }
        withMlflowSecret(pod, arguments).ifPresent(secret -> arguments.addAll(List.of("--mlflow-secret-name", secret)));
        return job(pod, arguments, StepWords.TRACK, attempt, settings.stepDeadline());
    }

    private static void option(List<String> arguments, String name, String value) {
        if (value != null) {
            arguments.addAll(List.of(name, value));
        }
    }

    private List<String> views() {
        return dataset().featureViews().stream()
                .flatMap(view ->
                        Stream.of("--view", FrozenDefinition.FOLDER + "/" + FrozenDefinition.fileOf(view.name())))
                .toList();
    }

    private List<String> begin(String step) {
        return new ArrayList<>(List.of(
                step,
                "--job",
                JOB,
                "--store",
                ClaimUri.mounted(run.store().uri()),
                "--result-key",
                run.key(step + "/result.json")));
    }

    private StepPod pod(String step, int attempt) {
        return settings.step()
                .pod(step)
                .labels(run.labels("tatara-steps", step, attempt))
                .variable("TATARA_STORE_ENDPOINT", run.store().endpoint())
                .configMap("definition", FrozenDefinition.FOLDER, run.definition())
                .secret(
                        "store-credentials",
                        StepPod.STORE_CREDENTIALS,
                        run.store().secret())
                .claim(run.store().uri(), false);
    }

    private Job job(StepPod pod, List<String> arguments, String step, int attempt, Duration deadline) {
        arguments.addAll(List.of(
                "--store-credentials",
                StepPod.STORE_CREDENTIALS,
                "--store-secret-name",
                run.store().secret()));
        return pod.arguments(arguments).job(run.job(), run.jobName(step, attempt), Map.of(), deadline);
    }

    private void withSource(StepPod pod, List<String> arguments) {
        if (dataset().secretRef() != null) {
            var name = dataset().secretRef().name();
            pod.secret("source-credentials", StepPod.SOURCE_CREDENTIALS, name);
            arguments.addAll(List.of("--source-credentials", StepPod.SOURCE_CREDENTIALS, "--source-secret-name", name));
        }
        var uri = dataset().entities() == null
                ? dataset().uri()
                : dataset().entities().uri();
        if (uri != null) {
            pod.claim(uri, true);
        }
    }

    private Optional<String> withMlflowSecret(StepPod pod, List<String> arguments) {
        var secret = mlflowOf(run).map(MlflowTracking::secretRef).map(LocalReference::name);
        secret.ifPresent(name -> {
            pod.secret("mlflow-credentials", MLFLOW_CREDENTIALS, name);
            arguments.addAll(List.of("--mlflow-credentials", MLFLOW_CREDENTIALS));
        });
        return secret;
    }

    /** Where the run is recorded; empty where it isn't. */
    static Optional<MlflowTracking> mlflowOf(TrainingRun run) {
        var tracking = run.spec().tracking();
        return tracking == null ? Optional.empty() : Optional.ofNullable(tracking.mlflow());
    }

    private Dataset dataset() {
        return run.spec().dataset();
    }
}
