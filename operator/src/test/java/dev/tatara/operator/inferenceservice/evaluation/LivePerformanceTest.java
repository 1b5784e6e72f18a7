package dev.tatara.operator.inferenceservice.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.DriftEvaluated.Performance;
import dev.tatara.contracts.DriftEvaluated.Window;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.steps.StepSettings;
import dev.tatara.operator.testing.TestSettings;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LivePerformanceTest {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final Instant STARTED = Instant.parse("2026-11-20T00:00:00Z");
    private static final Instant SINCE = Instant.parse("2026-11-21T00:00:00Z");
    private static final Duration EVERY = Duration.ofMinutes(5);

    private final List<Job> jobs = new ArrayList<>();
    private final List<Pod> pods = new ArrayList<>();
    private Instant now = SINCE;

    private static LivePerformance performance(Instant since) {
        var service = YAML.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: churn, namespace: shop, uid: 1a2b3c4d-0000-0000-0000-000000000000}
                spec:
                  model: {follow: {model: churn, stage: Production}}
                  monitoring: {ledger: true}
                  rollout:
                    strategy: Canary
                    canary: {steps: [{name: half, weight: 50}, {name: all, weight: 100}]}
                    analysis:
                      checks:
                        - {name: truth, performance: {metric: accuracy, min: 0.85, source: Feedback}}
                        - {name: balance, performance: {metric: f1, min: 0.5, max: 0.999}}
                """, InferenceService.class);
        var version = YAML.unmarshal("""
                metadata: {name: churn-3, namespace: shop}
                spec: {model: churn, version: "3", source: {uri: "s3://models/churn.onnx"}}
                status: {task: Classification, classes: [stays, leaves]}
                """, ModelVersion.class);
        return new LivePerformance(
                service, "c1", version, service.getSpec().rollout().analysis().checks(), 200, STARTED, since, EVERY);
    }

    private StageEvaluationLook look() {
        var settings = TestSettings.with(Map.of());
        return StageEvaluationLook.at(
                performance(SINCE),
                jobs,
                pods,
                StepSettings.of(settings, settings.drift()),
                Duration.ofMinutes(30),
                now);
    }

    private Job begin() {
        var job = look().start();
        assertThat(job).isNotNull();
        job.getMetadata().setUid("job-" + jobs.size());
        job.getMetadata().setCreationTimestamp(now.toString());
        jobs.add(job);
        return job;
    }

    private void end(Job job, Performance... found) {
        var details = new DriftEvaluated(
                new Window(STARTED, now),
                null,
                0,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                null,
                null,
                List.of(),
                null,
                List.of(found),
                null,
                null,
                null,
                null,
                false);
        pods.add(EndedPod.of(job, "performance", StepResult.succeeded("drift", "", details), now));
    }

    private static Performance accuracy(double value, boolean breached) {
        return new Performance("accuracy", value, 240, breached, null);
    }

    private static Performance f1(double value) {
        return new Performance("f1", value, 240, false, "of class leaves");
    }

    @Test
    void theStepOfPoliciesIsAskedForNothingButPerformance() {
        var look = look();

        assertThat(look.results()).extracting(CheckResult::name).containsExactly("truth", "balance");
        assertThat(look.results()).extracting(CheckResult::verdict).containsOnly(Verdict.InsufficientData);
        var job = look.start();
        assertThat(job.getMetadata().getName()).startsWith("churn-performance-").endsWith("-1");
        assertThat(job.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getArgs())
                .startsWith("drift", "--policy", "/tatara/definition/definition.yaml")
                .containsSubsequence("--revision", "c1")
                .containsSubsequence("--since", "2026-11-20T00:00:00Z")
                .containsSubsequence("--at", "2026-11-21T00:00:00Z")
                .contains("--keep-panes")
                .containsSubsequence("--task", "Classification")
                .containsSubsequence("--classes", "stays", "--classes", "leaves")
                .anyMatch(argument -> argument.matches("rollout-checks/shop/churn/[0-9a-f]{10}/1-performance"));
        var definition =
                StageEvaluationJob.definition(performance(SINCE)).getData().get("definition.yaml");
        assertThat(definition)
                .contains("kind: \"DriftPolicy\"", "inferenceService: \"churn\"", "metric: \"accuracy\"", "min: 0.85")
                .contains("max: 0.999", "minSamples: 200", "labels: \"Feedback\"")
                .doesNotContain("prediction:", "  data:");
        assertThat(StageEvaluationJob.definition(performance(now.plusSeconds(60)))
                        .getMetadata()
                        .getName())
                .as("one ConfigMap for all evaluations and stages")
                .isEqualTo(StageEvaluationJob.definition(performance(SINCE))
                        .getMetadata()
                        .getName());
    }

    @Test
    void eachCheckGetsItsOwnVerdict() {
        end(begin(), accuracy(0.62, true), f1(0.75));

        assertThat(look().results())
                .containsExactly(
                        new CheckResult(
                                "truth",
                                null,
                                0.62,
                                240,
                                Verdict.Failed,
                                "accuracy 0.62 of 240 predictions with a label, good is from 0.85 on"),
                        new CheckResult(
                                "balance",
                                null,
                                0.75,
                                240,
                                Verdict.Passed,
                                "f1 0.75 of 240 predictions with a label, good is from 0.5 on and up to 0.999; of class leaves"));
    }

    @Test
    void untilLabelsComeThereIsNoVerdict() {
        end(
                begin(),
                new Performance("accuracy", null, 37, false, "37 predictions with a label, expected 200 or more"),
                new Performance("f1", null, 37, false, "37 predictions with a label, expected 200 or more"));

        assertThat(look().results().getFirst())
                .isEqualTo(new CheckResult(
                        "truth",
                        null,
                        null,
                        37,
                        Verdict.InsufficientData,
                        "accuracy: 37 predictions with a label, expected 200 or more"));
    }

    /** Failures in a row are counted: one evaluation that two looks see is one. */
    @Test
    void aFailureIsToldOnceAndAPassStays() {
        end(begin(), accuracy(0.62, true), f1(0.75));
        now = now.plus(EVERY);
        assertThat(look().results().getFirst().verdict()).isEqualTo(Verdict.Failed);
        begin();

        assertThat(look().results())
                .extracting(CheckResult::verdict)
                .containsExactly(Verdict.InsufficientData, Verdict.Passed);
        assertThat(look().results().getFirst().message()).contains("under way", "accuracy 0.62");
    }

    @Test
    void anotherStageIsAnotherEvaluation() {
        assertThat(performance(SINCE).id())
                .isEqualTo(performance(SINCE).id())
                .isNotEqualTo(performance(SINCE.plusSeconds(1)).id());
    }
}
