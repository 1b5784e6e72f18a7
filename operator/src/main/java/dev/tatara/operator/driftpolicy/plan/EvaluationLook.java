package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.EvaluationProgress;
import dev.tatara.contracts.DriftEvaluated;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;

/**
 * What is to be done about a policy's evaluations.
 *
 * @param progress where they stand, {@code null} before the first
 * @param concluded what was found out just now, {@code null} if nothing was
 * @param next when the next one is due, {@code null} if none is
 * @param handled value of {@link Annotations#EVALUATE} that was acted upon
 * @param definition the ConfigMap to create, {@code null} if it is there or not needed
 * @param start the Job to create after that, {@code null} if none is due
 * @param obsolete Jobs and ConfigMaps that nobody needs any more
 * @param wakeAt when to look again, {@code null} if time alone changes nothing
 */
record EvaluationLook(
        Activity activity,
        EvaluationProgress progress,
        Concluded concluded,
        Instant next,
        String handled,
        ConfigMap definition,
        Job start,
        List<HasMetadata> obsolete,
        Instant wakeAt) {
    EvaluationLook {
        obsolete = List.copyOf(obsolete);
    }

    /** An evaluation that came to a verdict. */
    record Concluded(EvaluationRun run, DriftEvaluated result) {}
}
