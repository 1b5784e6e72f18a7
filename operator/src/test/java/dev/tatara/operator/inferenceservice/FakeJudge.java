package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.rollout.CandidateJudge;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.inferenceservice.rollout.Stage;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Finds what the test says. */
final class FakeJudge implements CandidateJudge {
    private volatile List<CheckResult> results;

    /** From now on checks find this. */
    void find(CheckResult... found) {
        results = List.of(found);
    }

    @Override
    public Optional<List<CheckResult>> judge(
            InferenceService service,
            String stable,
            String candidate,
            Stage stage,
            Instant since,
            Instant now,
            Collection<Pod> pods) {
        return Optional.ofNullable(results);
    }
}
