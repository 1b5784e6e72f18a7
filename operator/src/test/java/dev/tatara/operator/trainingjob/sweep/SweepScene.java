package dev.tatara.operator.trainingjob.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.steps.StepState;
import dev.tatara.operator.trainingjob.train.Runs;
import dev.tatara.operator.trainingjob.train.TrainerJob;
import dev.tatara.operator.trainingjob.train.TrainerLog;
import dev.tatara.operator.trainingjob.train.TrainerState;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A cluster with one sweep: its ledger as it is stored, and its trials' Jobs. An operator that decides knows nothing but
 * these.
 */
final class SweepScene {
    static final String FORMAT = """
            retries: 1
            retryDelay: 10s
            trainer: {image: x}
            hyperparameters: {depth: 3}
            sweep:
              algorithm: %s
              trials: %d
              parallel: %d
              objective: {metric: f1, goal: Maximize}
              parameters:
                - {name: rate, logUniform: {min: 0.001, max: 1}}
                - {name: layers, integer: {min: 1, max: 8}}
                - {name: kind, choice: {values: [a, b, c]}}
            """;

    final Map<String, Running> jobs = new LinkedHashMap<>();
    /** Every Job that was ever made, by trial. */
    final Map<Integer, List<ObjectNode>> made = new LinkedHashMap<>();

    final TrainingJob job;
    ConfigMap ledger;
    Instant now = Runs.NOW;
    SweepEnd end;

    SweepScene(String specification) {
        this.job = Runs.job(specification);
    }

    /** A trial's Job, and how far it is. */
    static final class Running {
        final TrialStart start;
        final Job job;
        StepState<Published> step = new StepState.Running<>("Training", "trains", false, false);
        boolean isFree;
        boolean isTrainers;
        TrainerLog log;

        Running(TrialStart start) {
            this.start = start;
            this.job = new JobBuilder()
                    .withNewMetadata()
                    .withName(nameOf(start))
                    .withAnnotations(start.recalls() ? Map.of(TrainerJob.RECALLS, "true") : null)
                    .endMetadata()
                    .build();
        }

        boolean isActive() {
            return step instanceof StepState.Running<Published>;
        }

        TrialAttempt observed() {
            return new TrialAttempt(
                    start.trial().number(),
                    start.attempt(),
                    start.trial().parameters(),
                    job,
                    start.recalls()
                            ? new TrainerState(step, isFree, isTrainers, null, null)
                            : new TrainerState(step, isFree, isTrainers, "example.com/train@sha256:1", new Pod()),
                    log);
        }
    }

    SweepDecision decide() {
        var attempts = jobs.values().stream().map(Running::observed).toList();
        var state = new SweepState(job.getSpec(), 42, LedgerMap.read(ledger), attempts);
        return SweepPlanner.plan(state, now);
    }

    /** Does what was decided. */
    SweepDecision step() {
        return step(Integer.MAX_VALUE);
    }

    /**
     * Does what was decided, but for what comes after so many writes, as when the operator is killed there. Jobs are made
     * before others are deleted: the harder order.
     */
    SweepDecision step(int writes) {
        var decision = decide();
        int left = writes;
        if (decision.ledger() != null) {
            if (left-- <= 0) {
                return decision;
            }
            ledger = LedgerMap.render(job, 3, decision.ledger(), ledger);
            assertThat(LedgerMap.read(ledger)).isEqualTo(decision.ledger());
        }
        for (var start : decision.start()) {
            if (left-- <= 0) {
                return decision;
            }
            make(start);
        }
        for (var obsolete : decision.delete()) {
            if (left-- <= 0) {
                return decision;
            }
            jobs.remove(obsolete.getMetadata().getName());
        }
        end = decision.end();
        return decision;
    }

    private void make(TrialStart start) {
        if (jobs.putIfAbsent(nameOf(start), new Running(start)) == null) {
            made.computeIfAbsent(start.trial().number(), number -> new ArrayList<>())
                    .add(start.trial().parameters());
        }
    }

    /** The Job of a trial's latest attempt. */
    Running trial(int number) {
        return jobs.values().stream()
                .filter(running -> running.start.trial().number() == number)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    void succeed(Running running, Map<String, Double> metrics) {
        running.step = new StepState.Ended<>(
                StepResult.succeeded(
                        "publish", "published", published(running.start.trial().number(), metrics)),
                now);
    }

    void fail(Running running, StepResult<Published> result, boolean isTrainers, boolean isFree) {
        running.step = new StepState.Ended<>(result, now);
        running.isTrainers = isTrainers;
        running.isFree = isFree;
    }

    static StepResult<Published> failure(String reason) {
        return StepResult.failed("train", reason, "it is said why");
    }

    static Published published(int trial, Map<String, Double> metrics) {
        return new Published(
                new Published.StoredFile("s3://tatara/runs/x/trials/" + trial + "/model.onnx", "0".repeat(64), 1000),
                metrics,
                List.of(),
                new Published.Artifacts("s3://tatara/runs/x/trials/" + trial + "/artifacts", 0, 0, 0),
                null,
                false);
    }

    long active() {
        return jobs.values().stream().filter(Running::isActive).count();
    }

    private static String nameOf(TrialStart start) {
        return "churn-3-trial-" + Objects.requireNonNull(start.trial()).number() + "-" + start.attempt();
    }
}
