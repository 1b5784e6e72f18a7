package dev.tatara.operator.featureview.plan;

import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.steps.Backoff;
import dev.tatara.operator.steps.StoreAccess;
import java.time.Duration;

/**
 * How features are materialized.
 *
 * @param image image of the steps
 * @param pullPolicy its imagePullPolicy
 * @param store artifact store where snapshots are kept, unless a view names its own
 * @param cpuRequest processor share that a materialization is given at least, as a Kubernetes quantity
 * @param memoryLimit memory limit of a materialization, as a Kubernetes quantity; what needs more spills to scratch
 * @param scratchSize size limit of its scratch space, as a Kubernetes quantity
 * @param deadline a materialization that takes longer is ended
 * @param afterFailure delays after an attempt that failed
 */
public record MaterializationSettings(
        String image,
        String pullPolicy,
        StoreAccess store,
        String cpuRequest,
        String memoryLimit,
        String scratchSize,
        Duration deadline,
        Backoff afterFailure) {

    public static MaterializationSettings of(OperatorSettings settings) {
        var materialization = settings.materialization();
        return new MaterializationSettings(
                settings.image().steps(),
                settings.image().pullPolicy(),
                StoreAccess.of(settings),
                materialization.cpuRequest(),
                materialization.memoryLimit(),
                materialization.scratchSize(),
                materialization.deadline(),
                new Backoff(materialization.retryInitial(), materialization.retryMax()));
    }
}
