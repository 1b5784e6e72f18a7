package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Handled;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is to be done about a rollout next. */
public sealed interface Decision {
    /**
     * Something changed. It is written to the status and nothing else is done: whoever looks next, be it another
     * operator, finds it there and acts upon it.
     *
     * @param progress where the rollout stands from now on; {@code null} for none
     * @param ended how a rollout ended; {@code null} if none did
     * @param rejected what was rejected; {@code null} for nothing
     * @param lifted revision whose rejection is lifted; {@code null} for none
     * @param handled what was acted upon, this included
     * @param refused why an annotation leads to nothing, by its name and value
     */
    record Note(
            Progress progress,
            Outcome ended,
            Rejection rejected,
            String lifted,
            Handled handled,
            Map<String, String> refused)
            implements Decision {
        public Note {
            refused = Collections.unmodifiableMap(new TreeMap<>(refused));
        }
    }

    /**
     * Pods and traffic are to be as given; that they are so already is no harm.
     *
     * @param progress where the rollout stands; {@code null} for none
     * @param candidatePods pods that the candidate is to have; empty while it isn't to be started
     * @param routing how traffic is divided
     * @param isPromoted the Service is to select the candidate
     * @param isOverdue the candidate has used up its time, and it is still waited for
     * @param recheckAt when time alone changes the decision; {@code null} if it doesn't
     * @param message what is waited for
     */
    record Act(
            Progress progress,
            Optional<Integer> candidatePods,
            Routing routing,
            boolean isPromoted,
            boolean isOverdue,
            Instant recheckAt,
            String message)
            implements Decision {}
}
