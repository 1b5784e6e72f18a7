package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;

/**
 * What to do about a version's file now, and what to say about it.
 *
 * @param verdict what is known of the file
 * @param findings what verification found out, {@link Findings#NONE} before it succeeded
 * @param progress where the inspection stands
 * @param handledRetry value of the retry annotation that was acted upon, {@code null} if none was
 * @param start the Job to create, {@code null} if none is due
 * @param obsolete Jobs of attempts that are over
 * @param wakeAt when to decide again if nothing happens before, {@code null} if time alone changes nothing
 */
public record Verification(
        Verdict verdict,
        Findings findings,
        ModelVersionStatus.Verification progress,
        String handledRetry,
        Job start,
        List<Job> obsolete,
        Instant wakeAt) {
    public Verification {
        obsolete = List.copyOf(obsolete);
    }

    public boolean isVerified() {
        return verdict instanceof Verdict.Verified;
    }

    /** The same with another verdict: what was planned couldn't be done. */
    public Verification heldUp(String reason, String message, Instant retryAt) {
        return new Verification(
                new Verdict.UnderWay(reason, message), findings, progress, handledRetry, null, obsolete, retryAt);
    }
}
