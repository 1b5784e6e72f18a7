package dev.tatara.operator.featureview;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.ConditionStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.MaterializationProgress;
import dev.tatara.operator.featureview.plan.Activity;
import dev.tatara.operator.featureview.plan.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What is new between two statuses of a view, as events. Nothing is told twice of a state that stays. */
final class FeatureViewNews {
    /**
     * One event.
     *
     * @param occasion tells two occurrences of the same event apart
     */
    record Notice(FeatureViewEvent event, String note, String occasion) {}

    private final FeatureViewStatus before;
    private final FeatureViewStatus after;
    private final List<Notice> notices = new ArrayList<>();

    private FeatureViewNews(FeatureViewStatus before, FeatureViewStatus after) {
        this.before = before;
        this.after = after;
    }

    static List<Notice> between(FeatureViewStatus before, FeatureViewStatus after, Decision decision) {
        var news = new FeatureViewNews(before == null ? FeatureViewStatus.EMPTY : before, after);
        news.tell(decision);
        return List.copyOf(news.notices);
    }

    private void tell(Decision decision) {
        var was = before.materialization();
        var is = after.materialization();
        if (is != null && (was == null || !Objects.equals(was.number(), is.number()))) {
            add(
                    FeatureViewEvent.MaterializationStarted,
                    "Job " + is.job() + " computes the features" + occasionOf(is),
                    "materialization " + is.number());
        }
        if (is != null && is.finishedAt() != null && !isSameAttempt(was, is)) {
            tellOfEnd(was, is);
        }
        if (decision.activity() instanceof Activity.Running running && running.isHeldUp()) {
            changed(FeatureViewStatusFactory.PROGRESSING)
                    .ifPresent(condition -> add(
                            FeatureViewEvent.MaterializationHeldUp,
                            condition.reason() + ": " + condition.message(),
                            attempt(is)));
        }
        changed(FeatureViewStatusFactory.ACCEPTED)
                .filter(condition -> condition.status() == ConditionStatus.False)
                .ifPresent(condition -> add(
                        FeatureViewEvent.NotAccepted, condition.reason() + ": " + condition.message(), generation()));
        changed(FeatureViewStatusFactory.BACKFILL_REFUSED)
                .ifPresent(condition -> add(FeatureViewEvent.BackfillRefused, condition.message(), generation()));
    }

    private void tellOfEnd(MaterializationProgress was, MaterializationProgress is) {
        var failed = FailedChecks.in(after.checks());
        switch (is.lastOutcome()) {
            case Succeeded -> {
                add(
                        FeatureViewEvent.Materialized,
                        find(after, FeatureViewStatusFactory.READY)
                                        .map(Condition::message)
                                        .orElse("")
                                + "; " + after.lastMaterialization().rowsRead() + " were read, "
                                + after.lastMaterialization().rowsWritten() + " are new",
                        attempt(is));
                if (!failed.isEmpty()) {
                    add(FeatureViewEvent.ChecksFailed, FailedChecks.inWords(failed), attempt(is));
                }
            }
            case Rejected ->
                add(FeatureViewEvent.MaterializationRejected, is.lastReason() + ": " + is.lastMessage(), attempt(is));
            case Failed -> {
                // That it fails again for the same reason is no news.
                if (is.attempt() == 1 || was == null || !is.lastReason().equals(was.lastReason())) {
                    add(FeatureViewEvent.MaterializationFailed, is.lastReason() + ": " + is.lastMessage(), attempt(is));
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

    /** The condition, if its status or reason is another than before. */
    private Optional<Condition> changed(String type) {
        var was = find(before, type);
        return find(after, type)
                .filter(is -> was.isEmpty()
                        || was.get().status() != is.status()
                        || !was.get().reason().equals(is.reason()));
    }

    private static Optional<Condition> find(FeatureViewStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst();
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

    private void add(FeatureViewEvent event, String note, String occasion) {
        notices.add(new Notice(event, note, occasion));
    }
}
