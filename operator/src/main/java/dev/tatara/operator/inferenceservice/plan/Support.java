package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import dev.tatara.api.v1alpha1.inferenceservice.Traffic;
import java.time.Duration;
import java.util.Optional;

/**
 * What of the API this version of the operator can honour. The schema is ahead of the operator, so that it needn't
 * change under users; what can't be honoured is refused, never silently ignored.
 */
public final class Support {
    private static final Duration SHORTEST_PANE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PANE = Duration.ofHours(1);
    private static final Duration SHORTEST_LOOKUP = Duration.ofMillis(1);
    private static final Duration LONGEST_LOOKUP = Duration.ofSeconds(30);

    private Support() {}

    /** What would be served or routed otherwise than asked, so that it must not be rolled out at all. */
    public static Optional<Refusal> refusal(InferenceServiceSpec spec) {
        if (spec.traffic() != null
                && spec.traffic().provider() != null
                && spec.traffic().provider() != Traffic.Provider.Embedded) {
            return Optional.of(new Refusal(
                    Refusal.NOT_SUPPORTED,
                    "spec.traffic.provider " + spec.traffic().provider()
                            + " isn't available in this version; use Embedded, or leave spec.traffic out"));
        }
        if (spec.features() != null && spec.features().timeout() != null) {
            var timeout = spec.features().timeout().toDuration();
            if (timeout.compareTo(SHORTEST_LOOKUP) < 0 || timeout.compareTo(LONGEST_LOOKUP) > 0) {
                return Optional.of(new Refusal(
                        Refusal.NOT_SUPPORTED,
                        "spec.features.timeout is " + spec.features().timeout() + "; pods take 1ms to 30s"));
            }
        }
        if (spec.monitoring() != null && spec.monitoring().pane() != null) {
            var pane = spec.monitoring().pane().toDuration();
            if (pane.compareTo(SHORTEST_PANE) < 0 || pane.compareTo(LONGEST_PANE) > 0) {
                return Optional.of(new Refusal(
                        Refusal.NOT_SUPPORTED,
                        "spec.monitoring.pane is " + spec.monitoring().pane() + "; pods take 1s to 1h"));
            }
        }
        return Optional.empty();
    }
}
