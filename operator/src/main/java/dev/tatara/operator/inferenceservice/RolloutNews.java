package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.kubernetes.News;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The news of a rollout between two statuses of a service. Pure. */
final class RolloutNews {
    private final InferenceServiceStatus before;
    private final InferenceServiceStatus after;
    private final List<News.Notice<InferenceServiceEvent>> news = new ArrayList<>();

    private RolloutNews(InferenceServiceStatus before, InferenceServiceStatus after) {
        this.before = before;
        this.after = after;
    }

    static List<News.Notice<InferenceServiceEvent>> between(
            InferenceServiceStatus before, InferenceServiceStatus after) {
        var rollout = new RolloutNews(before, after);
        rollout.lifted();
        if (after.rollout() != null && after.candidate() != null) {
            rollout.steps();
            rollout.pauses();
            rollout.checks();
        }
        rollout.unreachable();
        return rollout.news;
    }

    private void lifted() {
        before.rejected().stream()
                .filter(rejection -> !after.rejected().contains(rejection)
                        && after.rejected().size() < 10)
                .map(Rejection::revision)
                .forEach(revision -> add(
                        InferenceServiceEvent.RejectionLifted,
                        "revision " + revision + " may be rolled out again",
                        revision));
    }

    private void steps() {
        var rollout = after.rollout();
        var earlier = isSame() ? before.rollout() : null;
        var at = "step " + rollout.step() + " " + rollout.stepName();
        if (rollout.routedAt() != null
                && (earlier == null || !rollout.routedAt().equals(earlier.routedAt()))) {
            add(
                    InferenceServiceEvent.TrafficShifted,
                    after.candidate().modelVersion() + " gets "
                            + after.candidate().weight() + " % of the traffic (" + at + ")",
                    occasion(rollout.routedAt()));
        }
        if (earlier != null && !Objects.equals(earlier.stepIndex(), rollout.stepIndex())) {
            add(InferenceServiceEvent.StepStarted, at + " begins", occasion(rollout.stepStartedAt()));
        }
    }

    private void pauses() {
        var rollout = after.rollout();
        var pausedBefore = isSame() ? before.rollout().pausedAt() : null;
        if (rollout.pausedAt() != null && !rollout.pausedAt().equals(pausedBefore)) {
            add(InferenceServiceEvent.RolloutPaused, rollout.message(), occasion(rollout.pausedAt()));
        } else if (rollout.pausedAt() == null && pausedBefore != null) {
            add(
                    InferenceServiceEvent.RolloutResumed,
                    "the rollout goes on: " + rollout.message(),
                    occasion(pausedBefore));
        }
    }

    private void checks() {
        var known = isSame() ? before.rollout().checks() : List.<CheckStatus>of();
        after.rollout().checks().stream()
                .filter(check -> check.verdict() == Verdict.Failed)
                .filter(check -> known.stream()
                        .noneMatch(
                                earlier -> earlier.name().equals(check.name()) && earlier.verdict() == Verdict.Failed))
                .forEach(check -> add(
                        InferenceServiceEvent.CheckFailed,
                        "check " + check.name() + ": " + check.message(),
                        check.name() + occasion(after.rollout().analyzedAt())));
    }

    private void unreachable() {
        var was = ConditionSet.find(before.conditions(), "TrafficConverged");
        ConditionSet.find(after.conditions(), "TrafficConverged")
                .filter(condition -> condition.reason().equals("PodUnreachable"))
                .filter(condition -> was.isEmpty() || !was.get().reason().equals("PodUnreachable"))
                .ifPresent(condition -> add(
                        InferenceServiceEvent.PodUnreachable,
                        condition.message(),
                        occasion(condition.lastTransitionTime())));
    }

    /** Whether both statuses are about the same rollout. */
    private boolean isSame() {
        return before.rollout() != null
                && Objects.equals(before.rollout().revision(), after.rollout().revision())
                && Objects.equals(before.rollout().startedAt(), after.rollout().startedAt());
    }

    private void add(InferenceServiceEvent event, String note, String occasion) {
        news.add(new News.Notice<>(event, note, occasion));
    }

    private static String occasion(Instant at) {
        return String.valueOf(at);
    }
}
