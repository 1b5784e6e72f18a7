package dev.tatara.operator.trainingjob.sweep;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.SweepStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;

/**
 * What is to be done about a sweep, in this order: the ledger is written, then Jobs are deleted and made.
 *
 * @param ledger what is to be remembered; {@code null} if that is so already
 * @param start attempts whose Jobs are to be made
 * @param delete Jobs that nobody needs any more
 * @param status where the sweep stands
 * @param end how it ended; {@code null} while it goes on
 * @param reason one CamelCase word for what is going on
 * @param message the same for people, and what to do where something holds it up
 * @param isHeldUp whether a trial doesn't get on
 * @param wakeAt when to look again though nothing happens; {@code null} if there is no need
 */
public record SweepDecision(
        Ledger ledger,
        List<TrialStart> start,
        List<Job> delete,
        SweepStatus status,
        SweepEnd end,
        String reason,
        String message,
        boolean isHeldUp,
        Instant wakeAt) {
    public SweepDecision {
        start = List.copyOf(start);
        delete = List.copyOf(delete);
    }
}
