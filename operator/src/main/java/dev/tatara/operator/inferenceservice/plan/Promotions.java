package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a service's history says of the revision that serves and of the one before. */
public final class Promotions {
    private final List<Outcome> history;
    private final String stable;
    private final List<Outcome> earlier;

    private Promotions(List<Outcome> all, List<Rejection> rejections, String stable) {
        var rejected = rejections.stream().map(Rejection::revision).collect(Collectors.toSet());
        this.history = all.stream()
                .filter(outcome ->
                        outcome.outcome() == Outcome.End.Promoted || outcome.outcome() == Outcome.End.RolledBack)
                .toList();
        this.stable = stable;
        this.earlier = history.stream()
                .filter(outcome -> outcome.outcome() == Outcome.End.Promoted)
                .filter(outcome -> !outcome.revision().equals(stable) && !rejected.contains(outcome.revision()))
                .toList();
    }

    public static Promotions of(InferenceServiceStatus status) {
        return new Promotions(
                status.history(),
                status.rejected(),
                status.stable() == null ? null : status.stable().revision());
    }

    /** Whether a revision serves by a rollback, according to the history. */
    public static boolean isBack(List<Outcome> history, String stable) {
        return new Promotions(history, List.of(), stable).isBack();
    }

    /** The revision that was promoted last before the one that serves, and that nobody rejected. */
    public Optional<String> previous() {
        return earlier.stream().map(Outcome::revision).findFirst();
    }

    /** Those before it, the latest first. */
    List<String> earlier() {
        return earlier.stream().map(Outcome::revision).distinct().toList();
    }

    /** Whether the revision that serves came back by a rollback and not by a promotion. */
    public boolean isBack() {
        return history.size() > 1
                && history.getFirst().revision().equals(stable)
                && history.get(1).outcome() == Outcome.End.RolledBack;
    }
}
