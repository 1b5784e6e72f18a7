package dev.tatara.operator.featureview.plan;

import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.steps.Backoff;
import dev.tatara.operator.steps.StepSettings;
import java.time.Duration;

/**
 * How features are materialized.
 *
 * @param step what a materialization is run with; snapshots are kept in its store
 * @param deadline a materialization that takes longer is ended
 * @param afterFailure delays after an attempt that failed
 */
public record MaterializationSettings(StepSettings step, Duration deadline, Backoff afterFailure) {

    public static MaterializationSettings of(OperatorSettings settings) {
        var materialization = settings.materialization();
        return new MaterializationSettings(
                StepSettings.of(settings, materialization),
                materialization.deadline(),
                new Backoff(materialization.retryInitial(), materialization.retryMax()));
    }
}
