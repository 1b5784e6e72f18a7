package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Tracking;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** A run of the status while it is decided upon. */
final class RunDraft {
    private static final int MAX_METRICS = 64;

    final long number;
    private final String trigger;
    private RunPhase phase;
    private Instant startedAt;
    private Instant finishedAt;
    private Integer attempt;
    private Integer progressPercent;
    private Map<String, Double> metrics;
    private String modelVersion;
    private String reason;
    private String message;
    private String mlflowRun;
    private Tracking tracking;

    private RunDraft(Run run) {
        number = run.number();
        trigger = run.trigger();
        phase = run.phase();
        startedAt = run.startedAt();
        finishedAt = run.finishedAt();
        attempt = run.attempt();
        progressPercent = run.progressPercent();
        metrics = run.metrics();
        modelVersion = run.modelVersion();
        reason = run.reason();
        message = run.message();
        mlflowRun = run.mlflowRun();
        tracking = run.tracking();
    }

    static RunDraft of(Run run) {
        return new RunDraft(run);
    }

    /** A run that nothing is known of yet. */
    static RunDraft begun(long number, String trigger, Instant startedAt) {
        return new RunDraft(new Run(
                number,
                trigger,
                RunPhase.Pending,
                startedAt,
                null,
                null,
                null,
                Map.of(),
                null,
                null,
                null,
                null,
                null));
    }

    RunDraft start(Instant at) {
        startedAt = at;
        return this;
    }

    RunDraft says(RunPhase now, String why, String words) {
        phase = now;
        reason = why;
        message = words;
        return this;
    }

    RunDraft attempt(int current) {
        attempt = current;
        return this;
    }

    RunDraft progress(Integer percent) {
        progressPercent = percent;
        return this;
    }

    RunDraft metrics(Map<String, Double> measured) {
        var some = new TreeMap<String, Double>();
        measured.entrySet().stream()
                .filter(metric -> metric.getValue() != null && Double.isFinite(metric.getValue()))
                .limit(MAX_METRICS)
                .forEach(metric -> some.put(metric.getKey(), metric.getValue()));
        metrics = Collections.unmodifiableMap(some);
        return this;
    }

    RunDraft mlflowRun(String id) {
        mlflowRun = id;
        return this;
    }

    RunDraft tracking(Tracking latest) {
        tracking = latest;
        return this;
    }

    RunDraft registered(String version) {
        modelVersion = version;
        return this;
    }

    RunDraft end(Instant at) {
        finishedAt = at.truncatedTo(ChronoUnit.SECONDS);
        progressPercent = null;
        return this;
    }

    String mlflowRun() {
        return mlflowRun;
    }

    Run toRun() {
        return new Run(
                number,
                trigger,
                phase,
                startedAt,
                finishedAt,
                attempt,
                progressPercent,
                metrics,
                modelVersion,
                reason,
                message,
                mlflowRun,
                tracking);
    }
}
