package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.steps.Backoff;
import dev.tatara.operator.steps.StepSettings;
import java.time.Duration;

/**
 * How policies are evaluated and people told.
 *
 * @param step what an evaluation is run with; panes and reports are in its store
 * @param deadline an evaluation that takes longer is ended
 * @param afterFailure delays after an attempt that failed
 * @param notification how people are told
 */
public record PlanSettings(StepSettings step, Duration deadline, Backoff afterFailure, Notification notification) {
    /**
     * How people are told.
     *
     * @param deadline an attempt that takes longer is ended
     * @param afterFailure delays after an attempt that failed
     * @param attempts after so many it is given up
     */
    public record Notification(Duration deadline, Backoff afterFailure, int attempts) {}

    public static PlanSettings of(OperatorSettings settings) {
        var drift = settings.drift();
        var notification = settings.notification();
        return new PlanSettings(
                StepSettings.of(settings, drift),
                drift.deadline(),
                new Backoff(drift.retryInitial(), drift.retryMax()),
                new Notification(
                        notification.deadline(),
                        new Backoff(notification.retryInitial(), notification.retryMax()),
                        notification.attempts()));
    }
}
