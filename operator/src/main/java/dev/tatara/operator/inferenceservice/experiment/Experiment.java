package dev.tatara.operator.inferenceservice.experiment;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.rollout.AbTest;
import dev.tatara.operator.kubernetes.Digests;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * An A/B test that is under way.
 *
 * @param service whose it is
 * @param stable revision that served before
 * @param candidate revision that may take over
 * @param test what is asked
 * @param since since when both serve
 * @param every time from one evaluation to the next
 */
public record Experiment(
        InferenceService service, String stable, String candidate, AbTest test, Instant since, Duration every) {
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Duration USUAL_LENGTH = Duration.ofDays(14);
    private static final int EVALUATIONS = 200;

    /** How often an experiment of a length is looked at, where nobody says: some 200 times, once an hour at least. */
    public static Duration usually(AbTest test) {
        var length =
                test.maxDuration() == null ? USUAL_LENGTH : test.maxDuration().toDuration();
        var part = length.dividedBy(EVALUATIONS);
        return part.compareTo(SHORTEST) < 0 ? SHORTEST : part.compareTo(LONGEST) > 0 ? LONGEST : part;
    }

    /** Tells it from others of the service; a rollout of the same revision that begins again is another. */
    String id() {
        return Digests.of(List.of(stable, candidate, since.toString()), 10);
    }
}
