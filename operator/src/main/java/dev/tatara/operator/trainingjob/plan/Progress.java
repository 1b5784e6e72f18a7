package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.modelversion.Lineage;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.ActiveRun;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Step;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.TrainedModel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** How far a run is, while it is decided upon. */
final class Progress {
    Step step;
    int attempt;
    int failures;
    Instant attemptStartedAt;
    Instant nextAttemptAt;
    String lastReason;
    String lastMessage;
    Long rows;
    List<Lineage.Dataset> datasets;
    TrainedModel model;
    private String job;
    private Instant pausedAt;
    private long pausedSeconds;

    private Progress(ActiveRun known) {
        step = known.step() == null ? Step.Validate : known.step();
        attempt = known.attempt() == null ? 1 : known.attempt();
        failures = known.failures() == null ? 0 : known.failures();
        job = known.job();
        attemptStartedAt = known.attemptStartedAt();
        nextAttemptAt = known.nextAttemptAt();
        lastReason = known.lastReason();
        lastMessage = known.lastMessage();
        pausedAt = known.pausedAt();
        pausedSeconds = known.pausedSeconds() == null ? 0 : known.pausedSeconds();
        rows = known.rows();
        datasets = known.datasets();
        model = known.model();
    }

    /** What the status knows. */
    static Progress of(ActiveRun known) {
        return new Progress(known);
    }

    /** Nothing is done yet. */
    static Progress none() {
        return new Progress(
                new ActiveRun(Step.Validate, 1, null, null, null, null, null, null, null, null, null, List.of(), null));
    }

    /** The step succeeded. */
    void goTo(Step next) {
        step = next;
        attempt = 1;
        failures = 0;
        job = null;
        attemptStartedAt = null;
        nextAttemptAt = null;
        lastReason = null;
        lastMessage = null;
    }

    void begin(int number) {
        attempt = number;
        attemptStartedAt = null;
        nextAttemptAt = null;
    }

    void runs(String name, Instant startedAt) {
        job = name;
        attemptStartedAt = attemptStartedAt == null ? startedAt : attemptStartedAt;
    }

    void failed(String reason, String message, boolean counts, Instant retryAt) {
        failures += counts ? 1 : 0;
        lastReason = reason;
        lastMessage = message;
        nextAttemptAt = retryAt;
    }

    void pause(Instant now) {
        pausedAt = pausedAt == null ? now : pausedAt;
    }

    void resume(Instant now) {
        if (pausedAt != null) {
            pausedSeconds += Duration.between(pausedAt, now).toSeconds();
            pausedAt = null;
            attemptStartedAt = null;
        }
    }

    boolean isPaused() {
        return pausedAt != null;
    }

    /** How long the run was suspended before. */
    Duration paused() {
        return Duration.ofSeconds(pausedSeconds);
    }

    ActiveRun toActiveRun() {
        return new ActiveRun(
                step,
                attempt,
                failures == 0 ? null : failures,
                job,
                attemptStartedAt,
                nextAttemptAt,
                lastReason,
                lastMessage,
                pausedAt,
                pausedSeconds == 0 ? null : pausedSeconds,
                rows,
                datasets,
                model);
    }
}
