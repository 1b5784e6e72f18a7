package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Judges candidates by the checks of a stage. */
public interface CandidateJudge {
    /** Why a stage of a service can't be judged, and what to do instead; empty if it can. */
    default Optional<String> obstacle(InferenceServiceSpec service, Stage stage) {
        return Optional.empty();
    }

    /**
     * What the stage's checks find, one result of each check, of the comparison and of the experiment that it has.
     *
     * @param stable the revision that the Service selects
     * @param candidate the revision that is judged
     * @param since since when the stage's traffic flows
     * @param pods pods of all revisions of the service
     * @return empty while it is being measured: the service is woken when the results are there
     */
    Optional<List<CheckResult>> judge(
            InferenceService service,
            String stable,
            String candidate,
            Stage stage,
            Instant since,
            Instant now,
            Collection<Pod> pods);
}
