package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Handled;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * What people ask for by annotations. Each names the revision that it means, and is acted upon once: the value that was
 * handled is in the status, and stays until the annotation goes. What can't be done is refused once, with its reason.
 */
final class Orders {
    /** After the revision: all stages that are left. */
    static final String FULL = "full";

    private final Progress progress;
    private final Facts facts;

    private Orders(Progress progress, Facts facts) {
        this.progress = progress;
        this.facts = facts;
    }

    /** The answer to an annotation that wasn't answered yet; empty if there is none, or if it has to wait. */
    static Optional<Decision> next(Progress progress, Facts facts) {
        var orders = new Orders(progress, facts);
        return orders.abort().or(orders::rollback).or(orders::retry).or(orders::promote);
    }

    /** How the rollout ended. */
    static Outcome outcome(Progress progress, Facts facts, Outcome.End end, String reason) {
        var known = Optional.ofNullable(facts.underWay())
                .filter(target -> target.revision().equals(progress.revision()));
        return new Outcome(
                progress.revision(),
                known.map(Facts.Target::modelVersion).orElse(null),
                known.map(Facts.Target::digest).orElse(null),
                facts.now(),
                end,
                reason);
    }

    private Optional<Decision> abort() {
        return order(facts.commands().abort(), facts.handled().abort(), this::withAbort, revision -> {
            if (!isCandidate(revision)) {
                return refused("abort", revision, withAbort(revision), isNoCandidate(revision));
            }
            return rejected(Outcome.End.Aborted, "aborted by annotation", withAbort(revision));
        });
    }

    private Optional<Decision> rollback() {
        return order(facts.commands().rollback(), facts.handled().rollback(), this::withRollback, revision -> {
            var handled = withRollback(revision);
            if (isCandidate(revision)) {
                return rejected(Outcome.End.RolledBack, "rolled back by annotation", handled);
            }
            if (!facts.stable().revision().equals(revision)) {
                return refused(
                        "rollback",
                        revision,
                        handled,
                        "it means revision " + revision + ", which doesn't serve; "
                                + facts.stable().revision() + " does");
            }
            if (!facts.canGoBack()) {
                return refused("rollback", revision, handled, "there is no earlier revision to go back to");
            }
            var reason = "rolled back by annotation";
            var stable = facts.stable();
            return Optional.of(new Decision.Note(
                    progress,
                    new Outcome(
                            revision,
                            stable.modelVersion(),
                            stable.digest(),
                            facts.now(),
                            Outcome.End.RolledBack,
                            reason),
                    new Rejection(revision, stable.modelVersion(), stable.digest(), false, facts.now(), reason),
                    null,
                    handled,
                    Map.of()));
        });
    }

    private Optional<Decision> retry() {
        return order(facts.commands().retry(), facts.handled().retry(), this::withRetry, revision -> {
            var handled = withRetry(revision);
            if (facts.rejections().stream()
                    .anyMatch(rejection -> rejection.revision().equals(revision))) {
                return Optional.of(new Decision.Note(progress, null, null, revision, handled, Map.of()));
            }
            if (isCandidate(revision) && progress.isPausedByItself()) {
                return Optional.of(new Decision.Note(progress.again(facts.now()), null, null, null, handled, Map.of()));
            }
            return refused(
                    "retry",
                    revision,
                    handled,
                    isCandidate(revision)
                            ? "its rollout is under way"
                            : "revision " + revision + " was neither rejected nor is its rollout paused");
        });
    }

    private Optional<Decision> promote() {
        return order(facts.commands().promote(), facts.handled().promote(), this::withPromote, value -> {
            var slash = value.indexOf('/');
            var revision = slash < 0 ? value : value.substring(0, slash);
            var step = slash < 0 ? null : value.substring(slash + 1);
            if (!isCandidate(revision)) {
                return refused(
                        "promote",
                        value,
                        withPromote(value),
                        facts.stable().revision().equals(revision) ? "it serves already" : isNoCandidate(revision));
            }
            if (FULL.equals(step)) {
                return Optional.of(
                        new Decision.Note(progress.released(), null, null, null, withPromote(value), Map.of()));
            }
            if (step != null && !step.equals(progress.stageName())) {
                return comesLater(step)
                        ? Optional.empty()
                        : refused(
                                "promote",
                                value,
                                withPromote(value),
                                "the rollout is at step " + progress.stageName() + ", and none called " + step
                                        + " is to come");
            }
            // What isn't held yet can't be gone on from, and paused means paused.
            if (progress.heldSince() == null || progress.pause() == Progress.Pause.Paused || facts.isPaused()) {
                return Optional.empty();
            }
            var last = facts.stages().size() - 1;
            if (progress.stage() >= last) {
                // Nothing comes after it but the promotion.
                return Optional.of(
                        new Decision.Note(progress.released(), null, null, null, withPromote(value), Map.of()));
            }
            var next = progress.stage() + 1;
            return Optional.of(new Decision.Note(
                    progress.entering(next, facts.stages().get(next), facts.now()),
                    null,
                    null,
                    null,
                    withPromote(value),
                    Map.of()));
        });
    }

    /** The answer to one annotation, unless it was given; forgets it with the annotation. */
    private Optional<Decision> order(
            String value, String handled, Function<String, Handled> with, Function<String, Optional<Decision>> answer) {
        if (Objects.equals(value, handled)) {
            return Optional.empty();
        }
        if (value == null) {
            return Optional.of(new Decision.Note(progress, null, null, null, with.apply(null), Map.of()));
        }
        return answer.apply(value);
    }

    private boolean isCandidate(String revision) {
        return progress != null && progress.revision().equals(revision);
    }

    private boolean comesLater(String step) {
        return facts.stages().stream().skip(progress.stage() + 1L).anyMatch(stage -> stage.name()
                .equals(step));
    }

    private String isNoCandidate(String revision) {
        return "it means revision " + revision + ", which isn't being rolled out"
                + (progress == null ? "" : "; " + progress.revision() + " is");
    }

    private Optional<Decision> rejected(Outcome.End end, String reason, Handled handled) {
        var outcome = outcome(progress, facts, end, reason);
        return Optional.of(new Decision.Note(
                null,
                outcome,
                new Rejection(outcome.revision(), outcome.modelVersion(), outcome.digest(), false, facts.now(), reason),
                null,
                handled,
                Map.of()));
    }

    private Optional<Decision> refused(String name, String value, Handled handled, String why) {
        return Optional.of(new Decision.Note(progress, null, null, null, handled, Map.of(name + "=" + value, why)));
    }

    private Handled withPromote(String value) {
        var known = facts.handled();
        return new Handled(value, known.abort(), known.retry(), known.rollback(), known.triggers());
    }

    private Handled withAbort(String value) {
        var known = facts.handled();
        return new Handled(known.promote(), value, known.retry(), known.rollback(), known.triggers());
    }

    private Handled withRetry(String value) {
        var known = facts.handled();
        return new Handled(known.promote(), known.abort(), value, known.rollback(), known.triggers());
    }

    private Handled withRollback(String value) {
        var known = facts.handled();
        return new Handled(known.promote(), known.abort(), known.retry(), value, known.triggers());
    }
}
