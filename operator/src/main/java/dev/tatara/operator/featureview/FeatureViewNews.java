package dev.tatara.operator.featureview;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.ConditionStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.MaterializationProgress;
import dev.tatara.operator.featureview.plan.Activity;
import dev.tatara.operator.featureview.plan.Decision;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.kubernetes.News;
import dev.tatara.operator.steps.FailedCheck;
import java.util.List;
import java.util.Objects;

/** What is new between two statuses of a view, as events. Nothing is told twice of a state that stays. */
final class FeatureViewNews {
    private final FeatureViewStatus before;
    private final FeatureViewStatus after;
    private final News<FeatureViewEvent> news;

    private FeatureViewNews(FeatureViewStatus before, FeatureViewStatus after) {
        this.before = before;
        this.after = after;
        news = new News<>(before.conditions(), after.conditions());
    }

    static List<News.Notice<FeatureViewEvent>> between(
            FeatureViewStatus before, FeatureViewStatus after, Decision decision) {
        var between = new FeatureViewNews(before == null ? FeatureViewStatus.EMPTY : before, after);
        between.tell(decision);
        return between.news.toList();
    }

    private void tell(Decision decision) {
        var was = before.materialization();
        var is = after.materialization();
        if (is != null && (was == null || !Objects.equals(was.number(), is.number()))) {
            news.add(
                    FeatureViewEvent.MaterializationStarted,
                    "Job " + is.job() + " computes the features" + occasionOf(is),
                    "materialization " + is.number());
        }
        if (is != null && is.finishedAt() != null && !isSameAttempt(was, is)) {
            tellOfEnd(was, is);
        }
        if (decision.activity() instanceof Activity.Running running && running.isHeldUp()) {
            news.changed(FeatureViewStatusFactory.PROGRESSING)
                    .ifPresent(condition -> news.add(
                            FeatureViewEvent.MaterializationHeldUp,
                            condition.reason() + ": " + condition.message(),
                            attempt(is)));
        }
        news.changed(FeatureViewStatusFactory.ACCEPTED)
                .filter(condition -> condition.status() == ConditionStatus.False)
                .ifPresent(condition -> news.add(
                        FeatureViewEvent.NotAccepted, condition.reason() + ": " + condition.message(), generation()));
        news.changed(FeatureViewStatusFactory.BACKFILL_REFUSED)
                .ifPresent(condition -> news.add(FeatureViewEvent.BackfillRefused, condition.message(), generation()));
    }

    private void tellOfEnd(MaterializationProgress was, MaterializationProgress is) {
        var failed = FailedChecks.in(after.checks());
        switch (is.lastOutcome()) {
            case Succeeded -> {
                news.add(
                        FeatureViewEvent.Materialized,
                        ConditionSet.find(after.conditions(), FeatureViewStatusFactory.READY)
                                        .map(Condition::message)
                                        .orElse("")
                                + "; " + after.lastMaterialization().rowsRead() + " were read, "
                                + after.lastMaterialization().rowsWritten() + " are new",
                        attempt(is));
                if (!failed.isEmpty()) {
                    news.add(FeatureViewEvent.ChecksFailed, FailedCheck.inWords(failed), attempt(is));
                }
            }
            case Rejected ->
                news.add(
                        FeatureViewEvent.MaterializationRejected,
                        is.lastReason() + ": " + is.lastMessage(),
                        attempt(is));
            case Failed -> {
                // That it fails again for the same reason is no news.
                if (is.attempt() == 1 || was == null || !is.lastReason().equals(was.lastReason())) {
                    news.add(
                            FeatureViewEvent.MaterializationFailed,
                            is.lastReason() + ": " + is.lastMessage(),
                            attempt(is));
                }
            }
            case null -> {}
        }
    }

    private static String occasionOf(MaterializationProgress progress) {
        return switch (progress.trigger()) {
            case Creation -> " for the first time";
            case DefinitionChange -> " anew, since the definition has changed";
            case Schedule -> ", since the schedule asks for it";
            case Request -> ", since an annotation asks for it";
            case Backfill -> " from " + progress.start() + " to " + progress.end();
            case null -> "";
        };
    }

    private static boolean isSameAttempt(MaterializationProgress was, MaterializationProgress is) {
        return was != null
                && was.finishedAt() != null
                && Objects.equals(was.number(), is.number())
                && Objects.equals(was.attempt(), is.attempt());
    }

    private static String attempt(MaterializationProgress progress) {
        return "materialization " + progress.number() + ", attempt " + progress.attempt();
    }

    private String generation() {
        return "generation " + after.observedGeneration();
    }
}
