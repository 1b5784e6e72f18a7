package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Quarantine;
import java.time.Instant;
import java.util.List;

/**
 * What to do about a version now, and what to say about it.
 *
 * @param verification the inspection of its file
 * @param gates whether its metrics keep their bounds
 * @param approval whether people agree
 * @param quarantine the ban on its digest, whether it holds or was lifted; {@code null} if there never was one
 * @param handled values of annotations that were acted upon
 * @param stage its stage, and why
 * @param usedBy names of the services that use it, sorted
 * @param finalizer what to do about the finalizer that keeps a version in use from going
 * @param isDeleting whether somebody deleted it
 */
public record Decision(
        Verification verification,
        Judgement gates,
        Judgement approval,
        Quarantine quarantine,
        ModelVersionStatus.Handled handled,
        StageElection.Verdict stage,
        List<String> usedBy,
        FinalizerChange finalizer,
        boolean isDeleting) {

    /** What to do about the finalizer. */
    public enum FinalizerChange {
        Keep,
        Add,
        Remove
    }

    /** Keeps a version from going while it is in use. */
    public static final String IN_USE = "mlops.tatara.dev/in-use";

    public static Decision about(Observed observed, InspectionSettings settings, Instant now) {
        var version = observed.version();
        var status = observed.status();
        var verification = VerificationPlanner.plan(observed, settings, now);
        var findings = verification.findings();
        var gates = Gates.judge(version.getSpec(), findings.measurements(), verification.isVerified());
        var approval = Approvals.judge(version);
        var quarantine = Quarantines.decide(observed, findings.digest(), now);
        var self = StageElection.Candidate.of(version, verification.isVerified(), gates, approval, quarantine.holds());
        var stage = StageElection.elect(
                self,
                observed.siblings().stream().map(StageElection.Candidate::of).toList());
        var usedBy = Usage.usersOf(version.getMetadata().getName(), observed.services());
        return new Decision(
                verification,
                gates,
                approval,
                quarantine.quarantine(),
                handled(quarantine, verification, status),
                stage,
                usedBy,
                finalizer(observed, usedBy),
                version.getMetadata().getDeletionTimestamp() != null);
    }

    /** The same after the API server refused the Job that was due. */
    public Decision heldUp(String reason, String message, Instant retryAt) {
        return new Decision(
                verification.heldUp(reason, message, retryAt),
                gates,
                approval,
                quarantine,
                handled,
                stage,
                usedBy,
                finalizer,
                isDeleting);
    }

    public boolean isQuarantined() {
        return quarantine != null && quarantine.holds();
    }

    private static ModelVersionStatus.Handled handled(
            Quarantines.Decision quarantine, Verification verification, ModelVersionStatus status) {
        var reviewed = status.handled() == null ? null : status.handled().reviewed();
        var handled = new ModelVersionStatus.Handled(
                quarantine.handledQuarantine(), quarantine.handledRelease(), reviewed, verification.handledRetry());
        return handled.equals(new ModelVersionStatus.Handled(null, null, null, null)) ? null : handled;
    }

    private static FinalizerChange finalizer(Observed observed, List<String> usedBy) {
        var metadata = observed.version().getMetadata();
        var present = metadata.getFinalizers().contains(IN_USE);
        if (usedBy.isEmpty()) {
            return present ? FinalizerChange.Remove : FinalizerChange.Keep;
        }
        // The API server takes no new finalizer on an object that is being deleted.
        return present || metadata.getDeletionTimestamp() != null ? FinalizerChange.Keep : FinalizerChange.Add;
    }
}
