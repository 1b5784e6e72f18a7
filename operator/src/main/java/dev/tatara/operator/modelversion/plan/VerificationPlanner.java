package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.StepOutcome;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.kubernetes.AnnotationValues;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.steps.EarlierTrouble;
import dev.tatara.operator.steps.StepReader;
import dev.tatara.operator.steps.StepState.Ended;
import dev.tatara.operator.steps.StepState.Running;
import dev.tatara.operator.steps.Words;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Decides about the inspection of a version's file: one attempt after the other, each a Job whose name follows from its
 * number. Everything it knows comes from the status and the Jobs, so that it goes on where an operator that was killed
 * had stopped. What was verified once stays verified: its bytes lie in the artifact store under their digest.
 */
final class VerificationPlanner {
    static final String DIGEST_MISMATCH = "DigestMismatch";
    private static final String DELETING = "Deleting";

    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final ModelVersionStatus.Verification NEVER =
            new ModelVersionStatus.Verification(0, null, null, null, null, null, null, null);
    private static final int MAX_REASON = 128;
    private static final int MAX_MESSAGE = 4096;

    private final ModelVersion version;
    private final ModelVersionStatus status;
    private final List<Job> jobs;
    private final Collection<Pod> pods;
    private final InspectionSettings settings;
    private final Instant now;
    private final ModelVersionStatus.Verification last;
    private final int attempt;
    private final String retry;
    private final String handledRetry;

    private VerificationPlanner(Observed observed, InspectionSettings settings, Instant now) {
        this.version = observed.version();
        this.status = observed.status();
        this.jobs = observed.jobs().stream()
                .sorted(Comparator.comparingInt(AttemptLabels::attemptOf))
                .toList();
        this.pods = observed.pods();
        this.settings = settings;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
        this.last = status.verification() == null ? NEVER : status.verification();
        this.attempt = Math.max(
                last.attempt() == null ? 0 : last.attempt(),
                jobs.isEmpty() ? 0 : AttemptLabels.attemptOf(jobs.getLast()));
        this.retry = Annotations.valueOf(version, Annotations.RETRY);
        this.handledRetry = status.handled() == null ? null : status.handled().retry();
    }

    static Verification plan(Observed observed, InspectionSettings settings, Instant now) {
        return new VerificationPlanner(observed, settings, now).plan();
    }

    private Verification plan() {
        if (isVerified(status)) {
            return verified();
        }
        if (attempt == 0) {
            return isDeleting() ? idle(new Verdict.UnderWay(DELETING, "the version is being deleted")) : start(1);
        }
        return isConcluded() ? concluded() : current();
    }

    /** Whether the status tells of a verified file; from then on its digest is what counts, not the source. */
    static boolean isVerified(ModelVersionStatus status) {
        return status.digest() != null
                && status.uri() != null
                && ConditionSet.find(status.conditions(), "Verified")
                        .filter(Condition::holds)
                        .isPresent();
    }

    private Verification verified() {
        return new Verification(
                new Verdict.Verified(verifiedMessage(status.digest())),
                Findings.of(status),
                last,
                retry,
                null,
                obsolete(attempt),
                null);
    }

    /** The attempt is in progress, as far as the status tells. */
    private Verification current() {
        var job = jobs.stream()
                .filter(candidate -> AttemptLabels.attemptOf(candidate) == attempt)
                .findFirst();
        if (job.isEmpty()) {
            return isDeleting() ? idle(underWay(attempt)) : start(attempt);
        }
        var terms = InspectionTerms.of(settings);
        var progress = new ModelVersionStatus.Verification(
                attempt,
                job.get().getMetadata().getName(),
                Instant.parse(job.get().getMetadata().getCreationTimestamp()),
                null,
                null,
                last.lastOutcome(),
                last.lastReason(),
                last.lastMessage());
        return switch (StepReader.read(job.get(), pods, terms, now)) {
            case Running<ModelInspection> running ->
                new Verification(
                        running.isHeldUp() ? heldUp(running) : underWay(attempt),
                        Findings.NONE,
                        progress,
                        handledBy(job.get()),
                        null,
                        obsolete(attempt),
                        running.lookAgainAt(now));
            case Ended<ModelInspection> ended ->
                conclude(progress, checked(trouble().explain(ended.result(), terms)), ended.at(), handledBy(job.get()));
        };
    }

    private Verification conclude(
            ModelVersionStatus.Verification progress,
            StepResult<ModelInspection> result,
            Instant at,
            String handledByJob) {
        var outcome = StepOutcome.valueOf(result.outcome().name());
        var next =
                switch (outcome) {
                    case Succeeded -> null;
                    case Rejected ->
                        result.reason().equals(DIGEST_MISMATCH)
                                ? null
                                : now.plus(settings.afterRejection().after(attempt));
                    case Failed -> now.plus(settings.afterFailure().after(attempt));
                };
        var end = new ModelVersionStatus.Verification(
                attempt,
                progress.job(),
                progress.startedAt(),
                at.truncatedTo(ChronoUnit.SECONDS),
                next,
                outcome,
                cut(result.reason(), MAX_REASON),
                cut(ClaimUri.inWords(result.message()), MAX_MESSAGE));
        return new Verification(
                outcome == StepOutcome.Succeeded
                        ? new Verdict.Verified(verifiedMessage(result.details().digest()))
                        : verdictOf(end, advice(end)),
                outcome == StepOutcome.Succeeded ? Findings.of(result.details()) : Findings.NONE,
                end,
                outcome == StepOutcome.Succeeded ? retry : handledByJob,
                null,
                obsolete(attempt),
                next);
    }

    /** The last attempt is over and the status has its end. */
    private Verification concluded() {
        if (isDeleting()) {
            return idle(verdictOf(last, ""));
        }
        var due = last.nextAttemptAt() != null && !now.isBefore(last.nextAttemptAt());
        if (due || (retry != null && !retry.equals(handledRetry))) {
            return start(attempt + 1);
        }
        return idle(verdictOf(last, advice(last)));
    }

    private Verification start(int number) {
        return new Verification(
                underWay(number),
                Findings.NONE,
                new ModelVersionStatus.Verification(
                        number,
                        InspectionJob.nameOf(version, number),
                        now,
                        null,
                        null,
                        last.lastOutcome(),
                        last.lastReason(),
                        last.lastMessage()),
                // Whoever asks for an attempt gets the next one that starts.
                retry,
                InspectionJob.render(version, number, settings),
                obsolete(number),
                null);
    }

    private Verification idle(Verdict verdict) {
        return new Verification(verdict, Findings.NONE, last, handled(), null, obsolete(attempt), last.nextAttemptAt());
    }

    /** While an attempt runs, what the one before found still is the best that is known. */
    private Verdict underWay(int number) {
        return last.lastOutcome() == null
                ? new Verdict.UnderWay(
                        InspectionTerms.UNDER_WAY,
                        "Job " + InspectionJob.nameOf(version, number) + " inspects the file")
                : verdictOf(last, underWaySuffix(number));
    }

    private Verdict heldUp(Running<ModelInspection> running) {
        var message = trouble().messageOf(running);
        return switch (last.lastOutcome()) {
            case Rejected -> new Verdict.Rejected(running.reason(), message);
            case Failed -> new Verdict.Failed(running.reason(), message);
            case Succeeded -> new Verdict.UnderWay(running.reason(), message);
            case null -> new Verdict.UnderWay(running.reason(), message);
        };
    }

    /** What held the current attempt up when it was last looked at. */
    private EarlierTrouble trouble() {
        return new EarlierTrouble(ConditionSet.find(status.conditions(), "Verified")
                .filter(condition -> !condition.message().endsWith(underWaySuffix(attempt)))
                .orElse(null));
    }

    private StepResult<ModelInspection> checked(StepResult<ModelInspection> result) {
        if (result.outcome() != Outcome.Succeeded) {
            return result;
        }
        var details = result.details();
        if (details == null
                || details.uri() == null
                || !DIGEST.matcher(String.valueOf(details.digest())).matches()) {
            return StepResult.failed(
                    InspectionTerms.STEP,
                    "ResultMissing",
                    "the inspection succeeded without saying which bytes it stored where; is " + settings.image()
                            + " of the operator's own version?");
        }
        var expected = version.getSpec().source().sha256();
        return expected == null || details.digest().equals("sha256:" + expected)
                ? result
                : StepResult.rejected(
                        InspectionTerms.STEP,
                        DIGEST_MISMATCH,
                        "expected sha256 " + expected + ", found " + details.digest(),
                        details);
    }

    private Verdict verdictOf(ModelVersionStatus.Verification end, String suffix) {
        var message = Words.withoutStop(end.lastMessage()) + suffix;
        return end.lastOutcome() == StepOutcome.Rejected
                ? new Verdict.Rejected(end.lastReason(), message)
                : new Verdict.Failed(end.lastReason(), message);
    }

    private String advice(ModelVersionStatus.Verification end) {
        if (end.nextAttemptAt() == null) {
            return ". A source can't change: create a new ModelVersion for these bytes, or put back the right ones and"
                    + " ask for another look with " + retryCommand();
        }
        return ". Attempt " + (end.attempt() + 1) + " starts at " + end.nextAttemptAt() + ", or at once with "
                + retryCommand();
    }

    private String retryCommand() {
        return AnnotationValues.command("mv", version, Annotations.RETRY);
    }

    private String handled() {
        return retry == null ? null : handledRetry;
    }

    /** A Job remembers what asked for it, should the operator end before it could note that in the status. */
    private String handledBy(Job job) {
        var asked = Annotations.valueOf(job, Annotations.RETRY);
        return asked != null && asked.equals(retry) ? retry : handled();
    }

    private boolean isConcluded() {
        return last.finishedAt() != null && Objects.equals(last.attempt(), attempt);
    }

    private boolean isDeleting() {
        return version.getMetadata().getDeletionTimestamp() != null;
    }

    private List<Job> obsolete(int latest) {
        return jobs.stream()
                .filter(job -> AttemptLabels.attemptOf(job) < latest)
                .toList();
    }

    private static String underWaySuffix(int number) {
        return ". Attempt " + number + " is under way";
    }

    private static String verifiedMessage(String digest) {
        return "the file was loaded and run; its bytes are kept as " + digest;
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 1) + "…";
    }
}
