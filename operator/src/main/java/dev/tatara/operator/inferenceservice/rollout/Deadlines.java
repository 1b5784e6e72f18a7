package dev.tatara.operator.inferenceservice.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;

/**
 * When time alone changes what becomes of a rollout.
 *
 * @param isAvailable whether the candidate has the pods that the stage asks for
 */
record Deadlines(Progress progress, Stage stage, Facts facts, boolean isAvailable) {
    private static final Duration DEFAULT_EXPERIMENT = Duration.ofDays(14);

    /** Whether pods have been missing for too long. */
    boolean isOverdue() {
        return overdueAt().filter(deadline -> !facts.now().isBefore(deadline)).isPresent();
    }

    /** When pods that are missing will have been missing for too long; empty where none are. */
    private Optional<Instant> overdueAt() {
        var pods = facts.candidate();
        if (!pods.exist() || isAvailable) {
            return Optional.empty();
        }
        var since = pods.unavailableSince() == null || pods.unavailableSince().isBefore(progress.enteredAt())
                ? progress.enteredAt()
                : pods.unavailableSince();
        return Optional.of(since.plus(facts.terms().progressDeadline()));
    }

    /** When a step that holds will have waited for samples or a person for too long. */
    Instant ofStep() {
        return progress.heldSince().plus(stage.hold()).plus(facts.terms().stepTimeout());
    }

    /** When an experiment that runs ends, decided or not. */
    Instant ofExperiment() {
        var longest = stage.experiment().maxDuration();
        return progress.heldSince().plus(longest == null ? DEFAULT_EXPERIMENT : longest.toDuration());
    }

    /** The next one; {@code null} if there is none. */
    Instant next() {
        var times = new ArrayList<Instant>();
        overdueAt().ifPresent(times::add);
        if (progress.heldSince() != null) {
            times.add(progress.heldSince().plus(stage.hold()));
            if (Judgement.judges(stage)) {
                times.add(Judgement.dueAt(progress, stage));
            }
            if (progress.pause() == null) {
                times.add(stage.experiment() == null ? ofStep() : ofExperiment());
            }
        }
        return times.stream()
                .filter(facts.now()::isBefore)
                .min(Instant::compareTo)
                .orElse(null);
    }
}
