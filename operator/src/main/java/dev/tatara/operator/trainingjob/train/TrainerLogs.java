package dev.tatara.operator.trainingjob.train;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;

/** What the logs of trainers say. Nobody waits for an answer: what isn't known yet may be known the next time. */
public interface TrainerLogs {
    /** Knows nothing, as where logs may not be read. */
    TrainerLogs NONE = new TrainerLogs() {
        @Override
        public Optional<TrainerLog> latest(Pod pod, String metric) {
            return Optional.empty();
        }

        @Override
        public Optional<TrainerLog> last(Pod pod, String metric) {
            return Optional.of(TrainerLog.about(metric));
        }
    };

    /**
     * What a trainer has said so far, as far as it is known.
     *
     * @param metric name of the metric whose values are wanted; {@code null} for none
     */
    Optional<TrainerLog> latest(Pod pod, String metric);

    /**
     * All that a trainer that has ended said, as far as it may be read; nothing while that is being read.
     *
     * @param metric name of the metric whose values are wanted; {@code null} for none
     */
    Optional<TrainerLog> last(Pod pod, String metric);
}
