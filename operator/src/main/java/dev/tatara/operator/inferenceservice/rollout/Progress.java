package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RolloutStatus;
import dev.tatara.api.v1alpha1.rollout.Rollout.Strategy;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where a rollout stands, as the status keeps it. Every change of it is written before anything is done about it.
 *
 * @param revision the candidate
 * @param stage number of the stage, from 0
 * @param weight percentage of the traffic that the candidate is meant to get by now
 * @param startedAt when the rollout started
 * @param enteredAt when the stage began
 * @param routedAt when the candidate had the stage's pods and its traffic moved; {@code null} before
 * @param heldSince when every router had acknowledged; {@code null} before
 * @param analyzedAt when checks were judged last in this stage; {@code null} before
 * @param pausedAt since when the rollout is paused; {@code null} if it isn't
 * @param pause why it is; {@code null} if it isn't
 * @param isReleased whether a person has let the rollout go on without waiting for anything but pods and routers
 * @param keptReplicas pods that stable had when the rollout started, and keeps
 * @param checks the latest verdicts of this stage
 */
public record Progress(
        Strategy strategy,
        String revision,
        int stage,
        String stageName,
        int weight,
        Instant startedAt,
        Instant enteredAt,
        Instant routedAt,
        Instant heldSince,
        Instant analyzedAt,
        Instant pausedAt,
        Pause pause,
        boolean isReleased,
        int keptReplicas,
        List<CheckStatus> checks) {
    public Progress {
        checks = List.copyOf(checks);
    }

    /** Why a rollout is paused. */
    public enum Pause {
        /** {@code spec.rollout.paused}: goes with it. */
        Paused,
        /** A check failed, and onFailure is Pause. */
        CheckFailed,
        /** The candidate's pods took too long, and onFailure is Pause. */
        NotReady,
        /** A step has waited for samples or a person for stepTimeout. */
        StepTimeout,
        /** There are too few samples, and onInsufficientData is Pause. */
        InsufficientData,
        /** The experiment is decided, and a person is to act. */
        ExperimentDecided,
        /** The experiment has ended without a decision. */
        ExperimentUndecided
    }

    /** A rollout that starts now, before its first stage has its pods. */
    static Progress start(Strategy strategy, String revision, Stage first, int keptReplicas, Instant now) {
        return new Progress(
                strategy,
                revision,
                0,
                first.name(),
                0,
                now,
                now,
                null,
                null,
                null,
                null,
                null,
                false,
                keptReplicas,
                List.of());
    }

    /** What a status says; empty where there is no rollout. */
    public static Optional<Progress> of(InferenceServiceStatus status) {
        if (status == null || status.rollout() == null || status.rollout().revision() == null) {
            return Optional.empty();
        }
        var rollout = status.rollout();
        var candidate = status.candidate();
        var isIts = candidate != null && rollout.revision().equals(candidate.revision());
        var started = Objects.requireNonNullElse(rollout.startedAt(), Instant.EPOCH);
        return Optional.of(new Progress(
                Objects.requireNonNullElse(rollout.strategy(), Strategy.RollingUpdate),
                rollout.revision(),
                Objects.requireNonNullElse(rollout.stepIndex(), 0),
                rollout.stepName(),
                isIts && candidate.weight() != null ? candidate.weight() : 0,
                started,
                Objects.requireNonNullElse(rollout.stepStartedAt(), started),
                rollout.routedAt(),
                rollout.heldSince(),
                rollout.analyzedAt(),
                rollout.pausedAt(),
                rollout.pausedAt() == null ? null : pause(rollout.pauseReason()),
                Boolean.TRUE.equals(rollout.released()),
                Objects.requireNonNullElse(rollout.keptReplicas(), 0),
                rollout.checks()));
    }

    private static Pause pause(String reason) {
        for (var pause : Pause.values()) {
            if (pause.name().equals(reason)) {
                return pause;
            }
        }
        return Pause.Paused;
    }

    /**
     * As the status keeps it.
     *
     * @param stages number of stages
     * @param generation of the traffic table in force; {@code null} where none is known
     */
    public RolloutStatus toStatus(int stages, Long generation, String message) {
        return new RolloutStatus(
                strategy,
                revision,
                (stage + 1) + "/" + stages,
                stage,
                stageName,
                startedAt,
                enteredAt,
                routedAt,
                heldSince,
                analyzedAt,
                pausedAt,
                pause == null ? null : pause.name(),
                isReleased ? true : null,
                keptReplicas,
                generation,
                message,
                checks);
    }

    /** What sticky keys are hashed with in this rollout. */
    String salt() {
        return revision + "-" + startedAt.getEpochSecond();
    }

    boolean isPausedByItself() {
        return pause != null && pause != Pause.Paused;
    }

    /** The next stage, from its beginning. */
    Progress entering(int index, Stage next, Instant now) {
        return with(change -> {
            change.stage = index;
            change.stageName = next.name();
            change.enteredAt = now;
            change.routedAt = null;
            change.judgesAnew();
            change.resumes();
        });
    }

    /** The same stage under another number, after its list has changed. */
    Progress at(int index, Stage same) {
        return with(change -> {
            change.stage = index;
            change.stageName = same.name();
        });
    }

    Progress routed(int newWeight, Instant now) {
        return with(change -> {
            change.weight = newWeight;
            change.routedAt = now;
            change.judgesAnew();
        });
    }

    Progress held(Instant now) {
        return with(change -> change.heldSince = now);
    }

    Progress judged(List<CheckStatus> verdicts, Instant now) {
        return with(change -> {
            change.analyzedAt = now;
            change.checks = verdicts;
        });
    }

    Progress paused(Pause why, Instant now) {
        return with(change -> {
            change.pausedAt = pausedAt == null ? now : pausedAt;
            change.pause = why;
        });
    }

    Progress resumed() {
        return with(Change::resumes);
    }

    /** From now on nothing is waited for but pods and routers. */
    Progress released() {
        return with(change -> {
            change.isReleased = true;
            if (isPausedByItself()) {
                change.resumes();
            }
        });
    }

    /** The stage once more, from where its traffic had moved. */
    Progress again(Instant now) {
        return with(change -> {
            change.enteredAt = now;
            change.judgesAnew();
            change.resumes();
        });
    }

    private Progress with(Consumer<Change> what) {
        var change = new Change(this);
        what.accept(change);
        return new Progress(
                strategy,
                revision,
                change.stage,
                change.stageName,
                change.weight,
                startedAt,
                change.enteredAt,
                change.routedAt,
                change.heldSince,
                change.analyzedAt,
                change.pausedAt,
                change.pause,
                change.isReleased,
                keptReplicas,
                change.checks);
    }

    /** What of a progress may change while its rollout lasts. */
    private static final class Change {
        private int stage;
        private String stageName;
        private int weight;
        private Instant enteredAt;
        private Instant routedAt;
        private Instant heldSince;
        private Instant analyzedAt;
        private Instant pausedAt;
        private Pause pause;
        private boolean isReleased;
        private List<CheckStatus> checks;

        Change(Progress before) {
            stage = before.stage;
            stageName = before.stageName;
            weight = before.weight;
            enteredAt = before.enteredAt;
            routedAt = before.routedAt;
            heldSince = before.heldSince;
            analyzedAt = before.analyzedAt;
            pausedAt = before.pausedAt;
            pause = before.pause;
            isReleased = before.isReleased;
            checks = before.checks;
        }

        void judgesAnew() {
            heldSince = null;
            analyzedAt = null;
            checks = List.of();
        }

        void resumes() {
            pausedAt = null;
            pause = null;
        }
    }
}
