package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.ConditionStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.kubernetes.News;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The news between two statuses of a service. Pure. */
final class InferenceServiceEvents {
    private InferenceServiceEvents() {}

    /**
     * What happened between the statuses.
     *
     * @param before {@code null} for a service that is seen for the first time
     */
    static List<News.Notice<InferenceServiceEvent>> between(
            InferenceServiceStatus before, InferenceServiceStatus after) {
        var earlier = before == null ? InferenceServiceStatus.EMPTY : before;
        var news = new ArrayList<News.Notice<InferenceServiceEvent>>();
        if (after.candidate() != null
                && after.rollout() != null
                && (earlier.candidate() == null
                        || !earlier.candidate()
                                .revision()
                                .equals(after.candidate().revision()))) {
            news.add(new News.Notice<>(
                    InferenceServiceEvent.RolloutStarted,
                    "rolling out " + after.candidate().modelVersion() + " (revision "
                            + after.candidate().revision() + ")",
                    after.rollout().startedAt().toString()));
        }
        news.addAll(RolloutNews.between(earlier, after));
        after.history().reversed().stream()
                .filter(outcome -> !earlier.history().contains(outcome))
                .map(InferenceServiceEvents::ended)
                .forEach(news::add);
        if (changed("Ready", earlier, after)) {
            condition("Ready", after)
                    .filter(ready -> ready.holds() || serves(earlier))
                    .ifPresent(ready -> news.add(
                            of(ready.holds() ? InferenceServiceEvent.Ready : InferenceServiceEvent.NotReady, ready)));
        }
        if (reasonChanged("Progressing", earlier, after)) {
            condition("Progressing", after)
                    .filter(progressing -> progressing.reason().equals("ProgressDeadlineExceeded"))
                    .ifPresent(
                            progressing -> news.add(of(InferenceServiceEvent.ProgressDeadlineExceeded, progressing)));
        }
        if (after.candidate() == null && reasonChanged("UpToDate", earlier, after)) {
            condition("UpToDate", after)
                    .filter(upToDate -> !upToDate.holds() && !upToDate.reason().equals("PodsStarting"))
                    .filter(upToDate ->
                            condition("Accepted", after).map(Condition::holds).orElse(true))
                    .ifPresent(upToDate -> news.add(of(InferenceServiceEvent.Waiting, upToDate)));
        }
        if (changed("Accepted", earlier, after)) {
            condition("Accepted", after)
                    .filter(accepted -> !accepted.holds())
                    .ifPresent(accepted -> news.add(of(InferenceServiceEvent.Refused, accepted)));
        }
        return news;
    }

    private static News.Notice<InferenceServiceEvent> ended(Outcome outcome) {
        var what = outcome.modelVersion() + " (revision " + outcome.revision() + ")";
        var occasion = outcome.at().toString();
        return switch (outcome.outcome()) {
            case Promoted -> new News.Notice<>(InferenceServiceEvent.Promoted, what + " gets the traffic", occasion);
            case Superseded ->
                new News.Notice<>(
                        InferenceServiceEvent.RolloutSuperseded, what + " was superseded by another", occasion);
            case RolledBack ->
                new News.Notice<>(
                        InferenceServiceEvent.RolledBack, "goes back from " + what + ": " + outcome.reason(), occasion);
            case Aborted, Failed ->
                new News.Notice<>(
                        InferenceServiceEvent.RolloutAborted,
                        "rollout of " + what + " ended: " + outcome.reason(),
                        occasion);
        };
    }

    private static News.Notice<InferenceServiceEvent> of(InferenceServiceEvent reason, Condition condition) {
        return new News.Notice<>(
                reason, condition.message(), condition.lastTransitionTime().toString());
    }

    private static boolean serves(InferenceServiceStatus status) {
        return condition("Ready", status).map(Condition::holds).orElse(false);
    }

    private static boolean changed(String type, InferenceServiceStatus before, InferenceServiceStatus after) {
        return statusOf(type, before) != statusOf(type, after);
    }

    private static boolean reasonChanged(String type, InferenceServiceStatus before, InferenceServiceStatus after) {
        return !Objects.equals(
                condition(type, before).map(Condition::reason),
                condition(type, after).map(Condition::reason));
    }

    private static ConditionStatus statusOf(String type, InferenceServiceStatus status) {
        return condition(type, status).map(Condition::status).orElse(ConditionStatus.Unknown);
    }

    private static Optional<Condition> condition(String type, InferenceServiceStatus status) {
        return ConditionSet.find(status.conditions(), type);
    }
}
