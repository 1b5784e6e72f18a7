package dev.tatara.operator.modelversion;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.ConditionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Quarantine;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.operator.modelversion.plan.Decision;
import dev.tatara.operator.modelversion.plan.InspectionTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What is new between two statuses of a version, as events. Nothing is told twice of a state that stays. */
final class ModelVersionNews {
    /**
     * One event.
     *
     * @param occasion tells two occurrences of the same event apart
     */
    record Notice(ModelVersionEvent event, String note, String occasion) {}

    private final ModelVersionStatus before;
    private final ModelVersionStatus after;
    private final List<Notice> notices = new ArrayList<>();

    private ModelVersionNews(ModelVersionStatus before, ModelVersionStatus after) {
        this.before = before;
        this.after = after;
    }

    static List<Notice> between(ModelVersionStatus before, ModelVersionStatus after, Decision decision) {
        var news = new ModelVersionNews(before == null ? ModelVersionStatus.EMPTY : before, after);
        news.tell(decision);
        return List.copyOf(news.notices);
    }

    private void tell(Decision decision) {
        var attempt = "attempt " + after.verification().attempt();
        if (decision.verification().start() != null && isFirstOrAskedFor()) {
            add(
                    ModelVersionEvent.VerificationStarted,
                    "Job " + after.verification().job() + " inspects the file",
                    attempt);
        }
        changed(ModelVersionStatusFactory.VERIFIED).ifPresent(condition -> {
            var event =
                    switch (condition.status()) {
                        case True -> ModelVersionEvent.Verified;
                        case Unknown -> ModelVersionEvent.VerificationHeldUp;
                        case False ->
                            after.verification().lastOutcome() == ModelVersionStatus.Verification.Outcome.Rejected
                                    ? ModelVersionEvent.Rejected
                                    : ModelVersionEvent.VerificationFailed;
                    };
            var expected = condition.reason().equals(InspectionTerms.UNDER_WAY) || decision.isDeleting();
            if (condition.status() != ConditionStatus.Unknown || !expected) {
                add(event, condition.reason() + ": " + condition.message(), attempt);
            }
        });
        changed(ModelVersionStatusFactory.GATES_PASSED)
                .filter(condition -> condition.status() == ConditionStatus.False)
                .ifPresent(condition -> add(
                        ModelVersionEvent.GatesFailed, condition.reason() + ": " + condition.message(), generation()));
        changed(ModelVersionStatusFactory.APPROVED).ifPresent(condition -> {
            if (condition.status() == ConditionStatus.False) {
                add(ModelVersionEvent.AwaitingApproval, condition.message(), generation());
            } else if (condition.reason().equals("Approved")) {
                add(ModelVersionEvent.Approved, condition.message(), generation());
            }
        });
        tellOfQuarantine();
        tellOfStage();
        changed(ModelVersionStatusFactory.DELETION_HELD_BACK)
                .ifPresent(condition ->
                        add(ModelVersionEvent.DeletionHeldBack, condition.message(), String.join(",", after.usedBy())));
    }

    private void tellOfQuarantine() {
        var was = before.quarantine();
        var is = after.quarantine();
        if (Objects.equals(was, is) || is == null) {
            return;
        }
        if (is.holds()) {
            add(ModelVersionEvent.Quarantined, is.reason() + " (by " + is.by() + ")", is.id());
        }
        var lifted = is.holds() ? Optional.<Quarantine>empty() : Optional.of(is);
        lifted.ifPresent(quarantine -> add(
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
        add(
                ModelVersionEvent.StageChanged,
                "stage " + was + " became " + after.stage() + ": " + change.reason(),
                previous);
    }

    private boolean isFirstOrAskedFor() {
        var handledBefore = before.handled() == null ? null : before.handled().retry();
        var handledAfter = after.handled() == null ? null : after.handled().retry();
        return after.verification().attempt() == 1 || !Objects.equals(handledBefore, handledAfter);
    }

    /** The condition, if its status or reason is another than before. */
    private Optional<Condition> changed(String type) {
        var was = find(before, type);
        return find(after, type)
                .filter(is -> was.isEmpty()
                        || was.get().status() != is.status()
                        || !was.get().reason().equals(is.reason()));
    }

    private static Optional<Condition> find(ModelVersionStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst();
    }

    private String generation() {
        return "generation " + after.observedGeneration();
    }

    private void add(ModelVersionEvent event, String note, String occasion) {
        notices.add(new Notice(event, note, occasion));
    }
}
