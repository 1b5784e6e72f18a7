package dev.tatara.steps.tracking;

import dev.tatara.mlflow.MlflowClient;
import dev.tatara.mlflow.MlflowException;
import dev.tatara.mlflow.MlflowSettings;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.Definition;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The beginning of a run's record, so that a trainer can write into it while it trains. */
public final class Tracking {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(6);

    private Tracking() {}

    /**
     * A run that MLflow knows.
     *
     * @param runId its id
     * @param experimentId the experiment it belongs to
     */
    public record Begun(String runId, String experimentId) {}

    /**
     * Begins the run in MLflow where {@code spec.tracking.mlflow} asks for it. Best effort: returns within the time given,
     * never throws, and says by {@code progress} why it didn't work. A run begun before is found by its tag
     * {@code tatara.run}.
     *
     * @param job file with the TrainingJob
     * @param run the run's folder, as a key below the store or an address
     * @param credentials folder of the server's Secret
     * @param within longest time that it may take
     * @return nothing where no record is wanted, or where it didn't work
     */
    public static Optional<Begun> begin(
            Path job, String run, Optional<Path> credentials, Duration within, Progress progress) {
        var task = new FutureTask<>(() -> begin(job, run, credentials, progress));
        // A name that doesn't resolve can't be interrupted: the thread is left behind, and ends with the process.
        Thread.ofPlatform().daemon().name("mlflow").start(task);
        try {
            return task.get(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            progress.say("MLflow didn't answer within %d s; the run is recorded when it is over", within.toSeconds());
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            progress.say(
                    "the run couldn't be begun in MLflow, it is recorded when it is over: %s",
                    e.getCause().getMessage());
        }
        return Optional.empty();
    }

    private static Optional<Begun> begin(Path job, String run, Optional<Path> credentials, Progress progress)
            throws StepFailure, MlflowException {
        var definition = Definition.read(job, "TrainingJob", TrackedParts.class);
        var mlflow = definition.spec().mlflow();
        if (mlflow.isEmpty()) {
            return Optional.empty();
        }
        var settings = MlflowSettings.of(mlflow.get().uri())
                .withCredentials(credentials.orElse(null), definition.spec().secretName())
                .withTimeouts(CONNECT, ANSWER, ANSWER)
                .withRetries(3, Duration.ofMillis(250), Duration.ofSeconds(1));
        try (var client = MlflowClient.open(settings)) {
            var found = new RunFinder(client, definition, RunFolder.identity(run)).findOrBegin(null, Instant.now());
            progress.say("MLflow run %s of experiment %s", found.id(), found.experimentId());
            return Optional.of(new Begun(found.id(), found.experimentId()));
        }
    }
}
