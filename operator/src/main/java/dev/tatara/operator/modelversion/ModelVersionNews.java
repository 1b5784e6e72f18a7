package dev.tatara.operator.modelversion;

import dev.tatara.api.v1alpha1.common.ConditionStatus;
import dev.tatara.api.v1alpha1.common.StepOutcome;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Quarantine;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.operator.kubernetes.News;
import dev.tatara.operator.modelversion.plan.Decision;
import dev.tatara.operator.modelversion.plan.InspectionTerms;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What is new between two statuses of a version, as events. Nothing is told twice of a state that stays. */
final class ModelVersionNews {
    private final ModelVersionStatus before;
    private final ModelVersionStatus after;
    private final News<ModelVersionEvent> news;

    private ModelVersionNews(ModelVersionStatus before, ModelVersionStatus after) {
        this.before = before;
        this.after = after;
        news = new News<>(before.conditions(), after.conditions());
    }

    static List<News.Notice<ModelVersionEvent>> between(
            ModelVersionStatus before, ModelVersionStatus after, Decision decision) {
        var between = new ModelVersionNews(before == null ? ModelVersionStatus.EMPTY : before, after);
        between.tell(decision);
        return between.news.toList();
    }

    private void tell(Decision decision) {
        var attempt = "attempt " + after.verification().attempt();
        if (decision.verification().start() != null && isFirstOrAskedFor()) {
            news.add(
                    ModelVersionEvent.VerificationStarted,
                    "Job " + after.verification().job() + " inspects the file",
                    attempt);
        }
        news.changed(ModelVersionStatusFactory.VERIFIED).ifPresent(condition -> {
            var event =
                    switch (condition.status()) {
                        case True -> ModelVersionEvent.Verified;
                        case Unknown -> ModelVersionEvent.VerificationHeldUp;
                        case False ->
                            after.verification().lastOutcome() == StepOutcome.Rejected
                                    ? ModelVersionEvent.Rejected
                                    : ModelVersionEvent.VerificationFailed;
                    };
            var expected = condition.reason().equals(InspectionTerms.UNDER_WAY) || decision.isDeleting();
            if (condition.status() != ConditionStatus.Unknown || !expected) {
                news.add(event, condition.reason() + ": " + condition.message(), attempt);
            }
        });
        news.changed(ModelVersionStatusFactory.GATES_PASSED)
                .filter(condition -> condition.status() == ConditionStatus.False)
                .ifPresent(condition -> news.add(
                        ModelVersionEvent.GatesFailed, condition.reason() + ": " + condition.message(), generation()));
        news.changed(ModelVersionStatusFactory.APPROVED).ifPresent(condition -> {
            if (condition.status() == ConditionStatus.False) {
                news.add(ModelVersionEvent.AwaitingApproval, condition.message(), generation());
            } else if (condition.reason().equals("Approved")) {
                news.add(ModelVersionEvent.Approved, condition.message(), generation());
            }
        });
        tellOfQuarantine();
        tellOfStage();
        news.changed(ModelVersionStatusFactory.DELETION_HELD_BACK)
                .ifPresent(condition -> news.add(
                        ModelVersionEvent.DeletionHeldBack, condition.message(), String.join(",", after.usedBy())));
    }

    private void tellOfQuarantine() {
        var was = before.quarantine();
        var is = after.quarantine();
        if (Objects.equals(was, is) || is == null) {
            return;
        }
        if (is.holds()) {
            news.add(ModelVersionEvent.Quarantined, is.reason() + " (by " + is.by() + ")", is.id());
        }
        var lifted = is.holds() ? Optional.<Quarantine>empty() : Optional.of(is);
        lifted.ifPresent(quarantine -> news.add(
                ModelVersionEvent.Released,
                "quarantine " + quarantine.id() + " was lifted: " + quarantine.releaseReason(),
                quarantine.id()));
    }

    private void tellOfStage() {
        var was = before.stage() == null ? Stage.None : before.stage();
        if (was == after.stage()) {
            return;
        }
        var change = after.stageHistory().getLast();
        // The change before it tells two changes to the same stage apart, and stays the same if this is told again.
        var previous = before.stageHistory().isEmpty()
                ? ""
                : before.stageHistory().getLast().at().toString();
        news.add(
                ModelVersionEvent.StageChanged,
                "stage " + was + " became " + after.stage() + ": " + change.reason(),
                previous);
    }

    private boolean isFirstOrAskedFor() {
        var handledBefore = before.handled() == null ? null : before.handled().retry();
        var handledAfter = after.handled() == null ? null : after.handled().retry();
        return after.verification().attempt() == 1 || !Objects.equals(handledBefore, handledAfter);
    }

    private String generation() {
        return "generation " + after.observedGeneration();
    }
}
