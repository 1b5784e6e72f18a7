package dev.tatara.operator.featureview;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.api.v1alpha1.common.DataCheckStatus;
import dev.tatara.api.v1alpha1.common.StepOutcome;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.MaterializationProgress;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.Phase;
import dev.tatara.operator.featureview.plan.Activity;
import dev.tatara.operator.featureview.plan.Annotations;
import dev.tatara.operator.featureview.plan.Decision;
import dev.tatara.operator.kubernetes.AnnotationValues;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.steps.FailedCheck;
import dev.tatara.operator.steps.Words;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Tells a decision as the status of a view. Pure: the same decision upon the same status gives an equal status. */
final class FeatureViewStatusFactory {
    static final String READY = "Ready";
    static final String CHECKS_PASSED = "ChecksPassed";
    static final String PROGRESSING = "Progressing";
    static final String ACCEPTED = "Accepted";
    static final String STALLED = "Stalled";
    static final String BACKFILL_REFUSED = "BackfillRefused";

    /** Reason of a materialization that wrote nothing because of a check that blocks. */
    static final String CHECKS_FAILED = "ChecksFailed";

    private static final String SECRET_MISSING = "SecretMissing";

    private final FeatureView view;
    private final Decision decision;
    private final MaterializationProgress progress;
    private final ConditionSet conditions;

    private FeatureViewStatusFactory(FeatureView view, Decision decision, Instant now) {
        var before = view.getStatus() == null ? FeatureViewStatus.EMPTY : view.getStatus();
        this.view = view;
        this.decision = decision;
        this.progress = decision.progress();
        this.conditions =
                new ConditionSet(before.conditions(), view.getMetadata().getGeneration(), now);
    }

    static FeatureViewStatus create(FeatureView view, Decision decision, Instant now) {
        return new FeatureViewStatusFactory(view, decision, now).create();
    }

    private FeatureViewStatus create() {
        var findings = decision.findings();
        return new FeatureViewStatus(
                view.getMetadata().getGeneration(),
                phase(),
                view.getSpec().features().size(),
                findings.entitiesCount(),
                findings.rows(),
                findings.watermark(),
                findings.freshness(),
                decision.nextScheduleTime(),
                progress,
                findings.lastMaterialization(),
                findings.checks(),
                findings.snapshot(),
                decision.handled(),
                conditions());
    }

    private Phase phase() {
        return switch (decision.activity()) {
            case Activity.Running _ -> Phase.Materializing;
            case Activity.Suspended _ -> Phase.Suspended;
            case Activity.Refused _ -> Phase.Failed;
            case Activity.Waiting _, Activity.Idle _ ->
                switch (lastOutcome()) {
                    case Rejected -> CHECKS_FAILED.equals(progress.lastReason()) ? Phase.Blocked : Phase.Failed;
                    case Failed -> SECRET_MISSING.equals(progress.lastReason()) ? Phase.Pending : Phase.Failed;
                    case Succeeded -> Phase.Ready;
                    case null -> Phase.Pending;
                };
        };
    }

    private List<Condition> conditions() {
        ready();
        checksPassed();
        progressing();
        accepted();
        stalled();
        if (decision.refusedBackfill() != null) {
            conditions.isTrue(BACKFILL_REFUSED, "InvalidInterval", decision.refusedBackfill());
        }
        return conditions.toList();
    }

    /** Whether the features may be used. A materialization that fails later takes nothing away from a snapshot. */
    private void ready() {
        var snapshot = decision.findings().snapshot();
        if (snapshot != null && decision.isCurrent()) {
            conditions.isTrue(
                    READY,
                    "Materialized",
                    String.format(Locale.ROOT, "snapshot %d has %,d rows", snapshot.number(), snapshot.rows())
                            + (decision.findings().watermark() == null
                                    ? ""
                                    : " up to " + decision.findings().watermark()));
        } else if (snapshot != null) {
            conditions.isFalse(
                    READY,
                    "DefinitionChanged",
                    "snapshot " + snapshot.number() + " was computed by an earlier definition of the view; it is"
                            + " replaced when the present one has been computed" + lastTrouble());
        } else {
            switch (decision.activity()) {
                case Activity.Running running
                when lastOutcome() == null || running.isHeldUp() ->
                    conditions.isFalse(READY, running.reason(), running.message());
                case Activity.Refused refused -> conditions.isFalse(READY, refused.reason(), refused.message());
                case Activity.Suspended _
                when lastOutcome() == null -> conditions.isFalse(READY, "Suspended", suspended());
                case Activity _
                when lastOutcome() == null ->
                    conditions.isFalse(READY, "NotMaterialized", "nothing has been computed yet");
                case Activity _ -> conditions.isFalse(READY, progress.lastReason(), progress.lastMessage());
            }
        }
    }

    private void checksPassed() {
        var checks = decision.findings().checks();
        var failed = FailedChecks.in(checks);
        if (!failed.isEmpty()) {
            conditions.isFalse(CHECKS_PASSED, CHECKS_FAILED, FailedCheck.inWords(failed));
        } else if (!checks.isEmpty()) {
            conditions.isTrue(CHECKS_PASSED, "ChecksPassed", passedMessage(checks));
        } else if (view.getSpec().checks().isEmpty()) {
            conditions.isTrue(CHECKS_PASSED, "NoChecks", "no checks are set");
        } else if (lastOutcome() == StepOutcome.Rejected && CHECKS_FAILED.equals(progress.lastReason())) {
            conditions.isFalse(CHECKS_PASSED, CHECKS_FAILED, progress.lastMessage());
        } else {
            conditions.isUnknown(CHECKS_PASSED, "NotMaterialized", "the checks look at rows that are to come");
        }
    }

    private void progressing() {
        switch (decision.activity()) {
            case Activity.Running running -> conditions.isTrue(PROGRESSING, running.reason(), running.message());
            case Activity.Waiting waiting ->
                conditions.isTrue(
                        PROGRESSING,
                        progress.lastReason(),
                        Words.sentence(progress.lastMessage()) + "Attempt " + (progress.attempt() + 1) + " starts at "
                                + waiting.until() + ", or one at once with " + materializeCommand());
            case Activity.Suspended _ -> conditions.isFalse(PROGRESSING, "Suspended", suspended());
            case Activity.Refused refused -> conditions.isFalse(PROGRESSING, refused.reason(), refused.message());
            case Activity.Idle _
            when lastOutcome() == StepOutcome.Rejected ->
                conditions.isFalse(PROGRESSING, progress.lastReason(), rejected());
            case Activity.Idle _ -> conditions.isFalse(PROGRESSING, "Complete", "nothing is asked for");
        }
    }

    private void accepted() {
        if (decision.activity() instanceof Activity.Refused refused) {
            conditions.isFalse(ACCEPTED, refused.reason(), refused.message());
        } else {
            conditions.isTrue(ACCEPTED, "Accepted", decision.withoutEffect());
        }
    }

    /** Only a person can help: kstatus and Flux give up waiting. */
    private void stalled() {
        if (decision.activity() instanceof Activity.Refused refused) {
            conditions.isTrue(STALLED, refused.reason(), refused.message());
        } else if (lastOutcome() == StepOutcome.Rejected) {
            conditions.isTrue(STALLED, progress.lastReason(), rejected());
        }
    }

    private String rejected() {
        return Words.sentence(progress.lastMessage())
                + "When that is put right, it is computed again with the next change of the spec or time of the"
                + " schedule, or at once with " + materializeCommand();
    }

    private String lastTrouble() {
        return lastOutcome() == null || lastOutcome() == StepOutcome.Succeeded
                ? ""
                : ": " + progress.lastReason() + ": " + progress.lastMessage();
    }

    private String materializeCommand() {
        return AnnotationValues.command("fv", view, Annotations.MATERIALIZE);
    }

    private StepOutcome lastOutcome() {
        return progress == null ? null : progress.lastOutcome();
    }

    private static String suspended() {
        return "spec.materialization.suspend holds everything; set it to false to go on";
    }

    private static String passedMessage(List<DataCheckStatus> checks) {
        var undecided = checks.stream()
                .filter(check -> check.verdict() == DataCheckStatus.Verdict.InsufficientData)
                .count();
        var logged = checks.stream()
                .filter(check -> check.verdict() == DataCheckStatus.Verdict.Failed)
                .filter(check -> check.onFailure() == DataCheck.OnFailure.Log)
                .count();
        return (checks.size() - undecided - logged) + " of " + checks.size() + " checks passed"
                + (undecided == 0 ? "" : ", " + undecided + " had too little to judge by")
                + (logged == 0 ? "" : ", " + logged + " failed and is only counted (onFailure: Log)");
    }
}
