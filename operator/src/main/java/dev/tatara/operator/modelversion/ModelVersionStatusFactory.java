package dev.tatara.operator.modelversion;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Phase;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.StageChange;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.modelversion.plan.Annotations;
import dev.tatara.operator.modelversion.plan.Decision;
import dev.tatara.operator.modelversion.plan.Judgement;
import dev.tatara.operator.modelversion.plan.Verdict;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Tells a decision as the status of a version. Pure: the same decision upon the same status gives an equal status. */
public final class ModelVersionStatusFactory {
    static final String VERIFIED = "Verified";
    static final String GATES_PASSED = "GatesPassed";
    static final String APPROVED = "Approved";
    static final String READY = "Ready";
    static final String STALLED = "Stalled";
    static final String DELETION_HELD_BACK = "DeletionHeldBack";

    private static final int HISTORY = 20;

    /** The one thing that a person should know first: the phase, and why the version isn't ready. */
    private record Summary(Phase phase, String reason, String message, boolean stalled) {
        boolean isReady() {
            return phase == Phase.Ready;
        }
    }

    private ModelVersionStatusFactory() {}

    public static ModelVersionStatus create(ModelVersion version, Decision decision, Instant now) {
        var before = version.getStatus() == null ? ModelVersionStatus.EMPTY : version.getStatus();
        var findings = decision.verification().findings();
        var named = version.getSpec().signature();
        var summary = summarize(version, decision);
        var generation = version.getMetadata().getGeneration();
        return new ModelVersionStatus(
                generation,
                summary.phase(),
                decision.stage().stage(),
                findings.digest(),
                findings.sizeBytes(),
                findings.opset(),
                findings.uri(),
                findings.signatureWith(named),
                findings.task(named),
                named == null || findings.signature() == null ? List.of() : named.classes(),
                findings.measurements(),
                decision.usedBy(),
                history(before, decision, now),
                decision.verification().progress(),
                decision.quarantine(),
                decision.handled(),
                conditions(decision, summary, new ConditionSet(before.conditions(), generation, now)));
    }

    private static Summary summarize(ModelVersion version, Decision decision) {
        var verdict = decision.verification().verdict();
        if (decision.isQuarantined()) {
            var quarantine = decision.quarantine();
            return new Summary(
                    Phase.Quarantined,
                    "Quarantined",
                    quarantine.reason() + " (by " + quarantine.by() + "). To lift it: kubectl annotate mv "
                            + version.getMetadata().getName() + " -n "
                            + version.getMetadata().getNamespace() + " --overwrite " + Annotations.RELEASE + "='"
                            + quarantine.id() + ": <why>'",
                    true);
        }
        return switch (verdict) {
            case Verdict.UnderWay underWay ->
                new Summary(Phase.Verifying, underWay.reason(), underWay.message(), false);
            case Verdict.Rejected rejected -> new Summary(Phase.Rejected, rejected.reason(), rejected.message(), true);
            case Verdict.Failed failed -> new Summary(Phase.Failed, failed.reason(), failed.message(), false);
            case Verdict.Verified _ -> {
                if (!decision.gates().holds()) {
                    yield new Summary(
                            Phase.Rejected,
                            decision.gates().reason(),
                            decision.gates().message(),
                            true);
                }
                if (!decision.approval().holds()) {
                    yield new Summary(
                            Phase.Pending,
                            decision.approval().reason(),
                            decision.approval().message(),
                            false);
                }
                yield new Summary(Phase.Ready, "Ready", readyMessage(decision), false);
            }
        };
    }

    private static List<Condition> conditions(Decision decision, Summary summary, ConditionSet conditions) {
        var verdict = decision.verification().verdict();
        switch (verdict) {
            case Verdict.UnderWay underWay -> conditions.isUnknown(VERIFIED, underWay.reason(), underWay.message());
            case Verdict.Verified verified -> conditions.isTrue(VERIFIED, verified.reason(), verified.message());
            case Verdict.Rejected rejected -> conditions.isFalse(VERIFIED, rejected.reason(), rejected.message());
            case Verdict.Failed failed -> conditions.isFalse(VERIFIED, failed.reason(), failed.message());
        }
        add(conditions, GATES_PASSED, decision.gates());
        add(conditions, APPROVED, decision.approval());
        conditions.is(summary.isReady(), READY, summary.reason(), summary.message());
        if (summary.stalled()) {
            conditions.isTrue(STALLED, summary.reason(), summary.message());
        }
        if (decision.isDeleting() && !decision.usedBy().isEmpty()) {
            conditions.isTrue(DELETION_HELD_BACK, "InUse", heldBackMessage(decision));
        }
        return conditions.toList();
    }

    static String heldBackMessage(Decision decision) {
        return "used by " + named(decision.usedBy())
                + "; the version goes when no service uses it any more: name another version there, or delete the"
                + " service";
    }

    private static void add(ConditionSet conditions, String type, Judgement judgement) {
        switch (judgement.status()) {
            case True -> conditions.isTrue(type, judgement.reason(), judgement.message());
            case False -> conditions.isFalse(type, judgement.reason(), judgement.message());
            case Unknown -> conditions.isUnknown(type, judgement.reason(), judgement.message());
        }
    }

    private static List<StageChange> history(ModelVersionStatus before, Decision decision, Instant now) {
        var stage = decision.stage().stage();
        if (stage == (before.stage() == null ? Stage.None : before.stage())) {
            return before.stageHistory();
        }
        var history = new ArrayList<>(before.stageHistory());
        history.add(new StageChange(
                stage, now.truncatedTo(ChronoUnit.SECONDS), decision.stage().reason()));
        return history.size() <= HISTORY ? history : history.subList(history.size() - HISTORY, history.size());
    }

    private static String readyMessage(Decision decision) {
        var stage = decision.stage();
        return stage.stage() == Stage.None
                ? "may be served; " + stage.reason()
                : "may be served; stage " + stage.stage() + ": " + stage.reason();
    }

    private static String named(List<String> services) {
        return (services.size() == 1 ? "InferenceService " : "InferenceServices ") + String.join(", ", services);
    }
}
