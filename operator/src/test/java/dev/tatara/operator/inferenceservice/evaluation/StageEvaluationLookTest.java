package dev.tatara.operator.inferenceservice.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.rollout.AbTest;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import dev.tatara.contracts.ExperimentEvaluated;
import dev.tatara.contracts.ExperimentEvaluated.Side;
import dev.tatara.contracts.ExperimentEvaluated.Window;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.inferenceservice.rollout.Stages;
import dev.tatara.operator.kubernetes.Labels;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageEvaluationLookTest {
    private static final Instant SINCE = Instant.parse("2026-11-21T00:00:00Z");
    private static final Duration EVERY = Duration.ofMinutes(10);
    private static final Duration DEADLINE = Duration.ofMinutes(30);
    private static final StepSettings SETTINGS = settings();
    private static final Experiment EXPERIMENT = experiment("c1");

    private final List<Job> jobs = new ArrayList<>();
    private final List<Pod> pods = new ArrayList<>();
    private Instant now = SINCE;

    private static StepSettings settings() {
        var settings = TestSettings.with(Map.of());
        return StepSettings.of(settings, settings.drift());
    }

    private static Experiment experiment(String candidate) {
        var service = new KubernetesSerialization().unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: churn, namespace: shop, uid: 1a2b3c4d-0000-0000-0000-000000000000}
                spec:
                  model: {follow: {model: churn, stage: Production}}
                  artifactStore: {uri: "s3://team/models", endpoint: "http://s3", secretRef: {name: team-store}}
                  rollout:
                    strategy: ABTest
                    abTest:
                      sticky: {header: x-user-id}
                      metric: {name: conversion, kind: Proportion}
                      baselineRate: 0.05
                      minimumEffect: 0.01
                      maxDuration: 14d
                """, InferenceService.class);
        return new Experiment(
                service, "s1", candidate, service.getSpec().rollout().abTest(), SINCE, EVERY);
    }

    private StageEvaluationLook look() {
        return StageEvaluationLook.at(EXPERIMENT, jobs, pods, SETTINGS, DEADLINE, now);
    }

    /** Creates what is due, and goes on. */
    private Job begin() {
        var job = look().start();
        assertThat(job).isNotNull();
        job.getMetadata().setUid("job-" + jobs.size());
        job.getMetadata().setCreationTimestamp(now.toString());
        jobs.add(job);
        return job;
    }

    private void end(Job job, ExperimentEvaluated.Verdict verdict, List<String> notes) {
        end(job, StepResult.succeeded("experiment", "", evaluated(verdict, notes)));
    }

    private void end(Job job, StepResult<ExperimentEvaluated> result) {
        pods.add(EndedPod.of(job, EXPERIMENT.name(), result, now));
    }

    private static ExperimentEvaluated evaluated(ExperimentEvaluated.Verdict verdict, List<String> notes) {
        return new ExperimentEvaluated(
                new Window(SINCE, SINCE.plus(EVERY)),
                "conversion",
                new Side("s1", 5000, 6000, 0.05, 0.2),
                new Side("c1", 5100, 6000, 0.06, 0.2),
                0.01,
                0.2,
                0.001,
                0.019,
                0.95,
                0.01,
                true,
                verdict,
                "promote c1",
                10_000,
                0,
                500,
                0,
                0,
                1.0,
                0,
                notes,
                "s3://report.html",
                false);
    }

    @Test
    void theFirstLookBegins() {
        var look = look();

        assertThat(look.results().getFirst().name()).isEqualTo(CheckResult.EXPERIMENT);
        assertThat(look.results().getFirst().verdict()).isEqualTo(Verdict.InsufficientData);
        var job = look.start();
        assertThat(job.getMetadata().getName())
                .startsWith("churn-experiment-")
                .endsWith("-1")
                .hasSizeLessThanOrEqualTo(63);
        assertThat(job.getMetadata().getLabels())
                .containsEntry(Labels.MANAGED_BY, Labels.FIELD_MANAGER)
                .doesNotContainKey(Labels.ownerKey(InferenceService.class));
        var pod = job.getSpec().getTemplate().getSpec();
        assertThat(pod.getContainers().getFirst().getArgs())
                .containsSubsequence("--stable", "s1")
                .containsSubsequence("--candidate", "c1")
                .containsSubsequence("--since", "2026-11-21T00:00:00Z")
                .containsSubsequence("--store", "s3://team/models")
                .containsSubsequence("--store-secret-name", "team-store");
        var definition = StageEvaluationJob.definition(EXPERIMENT);
        assertThat(pod.getVolumes())
                .anyMatch(volume -> volume.getConfigMap() != null
                        && volume.getConfigMap()
                                .getName()
                                .equals(definition.getMetadata().getName()));
        assertThat(definition.getData().get("definition.yaml"))
                .contains(
                        "kind: \"InferenceService\"",
                        "baselineRate: 0.05",
                        "header: \"x-user-id\"",
                        "maxDuration: \"14d\"")
                .doesNotContain("artifactStore");
    }

    @Test
    void oneEvaluationAtATimeAndTheLastOnesWordMeanwhile() {
        var first = begin();
        assertThat(look().start()).isNull();
        now = now.plus(EVERY.multipliedBy(2));
        assertThat(look().start()).as("still running").isNull();

        end(first, ExperimentEvaluated.Verdict.Undecided, List.of("nobody asks"));
        assertThat(look().results().getFirst().verdict()).isEqualTo(Verdict.InsufficientData);
        assertThat(look().results().getFirst().message()).isEqualTo("promote c1; nobody asks; s3://report.html");
        assertThat(look().results().getFirst().samples()).isEqualTo(5100);

        begin();
        assertThat(look().results().getFirst().message()).isEqualTo("promote c1; nobody asks; s3://report.html");
        assertThat(look().start()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "CandidateWins, Passed",
        "StableWins, Failed",
        "NoWinner, InsufficientData",
        "Untrusted, InsufficientData",
        "Undecided, InsufficientData"
    })
    void whatIsFoundIsAVerdict(ExperimentEvaluated.Verdict found, Verdict verdict) {
        end(begin(), found, List.of());

        assertThat(look().results().getFirst())
                .isEqualTo(new CheckResult(
                        CheckResult.EXPERIMENT,
                        0.05,
                        0.06,
                        5100,
                        verdict,
                        "promote c1"
                                + (verdict == Verdict.InsufficientData ? "" : "; 5000 people saw s1, 5100 c1")
                                + "; s3://report.html"));
    }

    @Test
    void whatFailsIsTriedAgain() {
        end(begin(), StepResult.failed("experiment", "StoreUnavailable", "the store is away"));
        assertThat(look().results().getFirst().message()).contains("StoreUnavailable", "the store is away");
        assertThat(look().start()).isNull();

        now = now.plus(EVERY);

        assertThat(begin().getMetadata().getName()).endsWith("-2");
    }

    @Test
    void jobsOfLongAgoGo() {
        for (int i = 0; i < 5; i++) {
            end(begin(), ExperimentEvaluated.Verdict.Undecided, List.of());
            now = now.plus(EVERY);
        }

        assertThat(look().obsolete()).containsExactlyInAnyOrder(jobs.get(0), jobs.get(1));
    }

    @Test
    void anotherRolloutIsAnotherExperiment() {
        assertThat(experiment("c2").id()).isNotEqualTo(EXPERIMENT.id());
    }

    @ParameterizedTest
    @CsvSource({"14d, 1h", "3h, 1m", "2d, 14m24s"})
    void longExperimentsAreLookedAtLessOften(String length, String every) {
        var test = new KubernetesSerialization().unmarshal("maxDuration: " + length, AbTest.class);

        assertThat(Experiment.every(test, null)).isEqualTo(Duration.parse("PT" + every));
    }

    @Test
    void whoSaysHowOftenIsHeard() {
        var rollout = new KubernetesSerialization().unmarshal("""
                ---
                strategy: ABTest
                abTest: {sticky: {header: x}, metric: {name: sold, kind: Proportion}, maxDuration: 14d}
                analysis: {interval: 5m}
                """, Rollout.class);

        assertThat(Experiment.every(
                        rollout.abTest(), Stages.of(rollout).getFirst().analysis()))
                .isEqualTo(Duration.ofMinutes(5));
    }
}
