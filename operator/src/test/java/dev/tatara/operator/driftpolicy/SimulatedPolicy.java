package dev.tatara.operator.driftpolicy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.contracts.Notified;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.operator.driftpolicy.plan.Decision;
import dev.tatara.operator.driftpolicy.plan.EvaluationJob;
import dev.tatara.operator.driftpolicy.plan.NotificationJob;
import dev.tatara.operator.driftpolicy.plan.Observed;
import dev.tatara.operator.driftpolicy.plan.PlanSettings;
import dev.tatara.operator.testing.TestSettings;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** As much of a cluster as a policy sees: its objects by name, and consumers that answer when the test says so. */
final class SimulatedPolicy {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final PlanSettings SETTINGS = PlanSettings.of(TestSettings.with(Map.of()));

    private final Map<String, HasMetadata> objects = new LinkedHashMap<>();
    private final List<String> started = new ArrayList<>();
    private final DriftPolicy policy;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Judgement judgement = Judgement.Good;
    private boolean fails;
    private int written;
    private int deleted;
    private long rows = 5000;
    private int run;
    private RunPhase phase = RunPhase.Registered;
    private boolean isRunning;
    private final Map<String, String> handled = new TreeMap<>();
    private final Map<String, String> rolledBack = new TreeMap<>();
    private int version = 1;
    private Instant promotedAt = now;

    SimulatedPolicy(String spec) {
        policy = YAML.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: DriftPolicy
                metadata: {name: churn, namespace: shop, uid: 1a2b3c4d-0000-0000-0000-000000000000, generation: 1, annotations: {}}
                spec:
                  target: {inferenceService: churn}
                %s
                """.formatted(spec.indent(2)), DriftPolicy.class);
    }

    DriftPolicyStatus status() {
        return policy.getStatus() == null ? DriftPolicyStatus.EMPTY : policy.getStatus();
    }

    /** Names of the Jobs that were made, and how often they were deleted before. */
    List<String> started() {
        return List.copyOf(started);
    }

    /** How often anything was written. */
    int written() {
        return written;
    }

    long runningEvaluations() {
        return of(Job.class)
                .filter(job -> EvaluationJob.numberOf(job) > 0 && podOf(job) == null)
                .count();
    }

    long evaluationJobs() {
        return of(Job.class).filter(job -> EvaluationJob.numberOf(job) > 0).count();
    }

    boolean isSuspended() {
        return Boolean.TRUE.equals(policy.getSpec().suspend());
    }

    Duration shortestCooldown(String action) {
        var spec = policy.getSpec();
        return spec.actions().stream()
                .filter(candidate -> candidate.name().equals(action))
                .map(candidate -> candidate.cooldown() == null ? spec.cooldown() : candidate.cooldown())
                .findFirst()
                .orElseThrow()
                .toDuration();
    }

    void judge(Judgement now) {
        judgement = now;
        fails = false;
    }

    void failEvaluations() {
        fails = true;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    void rows(long more) {
        rows += more;
    }

    void alert(boolean fires) {
        var tree = (ObjectNode) YAML.convertValue(status(), JsonNode.class);
        tree.remove(List.of("alerts", "alertsCount"));
        if (fires) {
            tree.putArray("alerts")
                    .addObject()
                    .put("fingerprint", "f1")
                    .put("alertname", "HighModelDrift")
                    .put("status", "firing")
                    .put("startsAt", now.toString());
            tree.put("alertsCount", 1);
        }
        policy.setStatus(YAML.convertValue(tree, DriftPolicyStatus.class));
    }

    void suspend(boolean suspended) {
        var tree = (ObjectNode) YAML.convertValue(policy.getSpec(), JsonNode.class);
        tree.put("suspend", suspended);
        policy.setSpec(YAML.convertValue(tree, dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.class));
    }

    void approveAll() {
        var ids = status().triggers().stream()
                .filter(trigger -> trigger.state() == Trigger.State.AwaitingApproval)
                .map(Trigger::id)
                .collect(Collectors.joining(","));
        if (!ids.isEmpty()) {
            policy.getMetadata().getAnnotations().put("mlops.tatara.dev/approve", ids);
        }
    }

    /** A TrainingJob starts a run for everything that is asked for, unless one is under way. */
    void train() {
        var asked = pending("retrain", "careful", "fresh-data");
        if (!isRunning && !asked.isEmpty()) {
            handled.putAll(asked);
            run++;
            isRunning = true;
        }
    }

    void endRun(RunPhase end) {
        phase = end;
        isRunning = false;
    }

    void promote() {
        if (run > 0 && !isRunning && phase == RunPhase.Registered && version != run + 1) {
            version = run + 1;
            promotedAt = now;
        }
    }

    void rollBack() {
        rolledBack.putAll(pending("roll-back"));
    }

    void deleteJobs() {
        objects.values().removeIf(object -> object instanceof Job || object instanceof Pod);
        deleted++;
    }

    /** Pods of all Jobs end. */
    void endJobs() {
        of(Job.class).filter(job -> podOf(job) == null).toList().forEach(job -> {
            var isEvaluation = EvaluationJob.numberOf(job) > 0;
            var message = StepResultCodec.toJson(isEvaluation ? evaluated() : told());
            var pod = new PodBuilder()
                    .withNewMetadata()
                    .withName(job.getMetadata().getName() + "-pod")
                    .withNamespace("shop")
                    .withCreationTimestamp(now.toString())
                    .withOwnerReferences(new OwnerReferenceBuilder()
                            .withUid(job.getMetadata().getUid())
                            .build())
                    .endMetadata()
                    .withNewStatus()
                    .addNewContainerStatus()
                    .withName(isEvaluation ? EvaluationJob.CONTAINER : NotificationJob.CONTAINER)
                    .withNewState()
                    .withNewTerminated()
                    .withExitCode(0)
                    .withFinishedAt(now.toString())
                    .withMessage(message)
                    .endTerminated()
                    .endState()
                    .endContainerStatus()
                    .endStatus()
                    .build();
            objects.put(key(pod), pod);
        });
    }

    /** Decides and does it. An operator that is killed makes the Jobs and doesn't come to write the status. */
    void look(boolean survives) {
        var decision = Decision.about(observe(), SETTINGS, now);
        Stream.of(decision.maps().stream(), Stream.ofNullable(decision.evaluation()), decision.notifications().stream())
                .flatMap(made -> made.map(HasMetadata.class::cast))
                .forEach(this::create);
        decision.obsolete().forEach(object -> {
            objects.remove(key(object));
            written++;
        });
        if (!survives) {
            return;
        }
        var tree =
                (ObjectNode) YAML.convertValue(DriftPolicyStatusFactory.create(policy, decision, now), JsonNode.class);
        if (!tree.equals(YAML.convertValue(status().withoutAlerts(), JsonNode.class))) {
            written++;
        }
        if (!status().alerts().isEmpty()) {
            tree.set("alerts", YAML.convertValue(status().alerts(), JsonNode.class));
            tree.put("alertsCount", status().alertsCount());
        }
        policy.setStatus(YAML.convertValue(tree, DriftPolicyStatus.class));
    }

    private void create(HasMetadata desired) {
        if (objects.containsKey(key(desired))) {
            return;
        }
        var created = YAML.clone(desired);
        created.getMetadata().setUid("uid-" + desired.getMetadata().getName() + "-" + deleted);
        created.getMetadata().setCreationTimestamp(now.toString());
        objects.put(key(created), created);
        written++;
        if (created instanceof Job) {
            started.add(created.getMetadata().getName() + " " + deleted);
        }
    }

    private Observed observe() {
        return new Observed(
                YAML.clone(policy),
                of(Job.class).toList(),
                of(Pod.class).toList(),
                of(ConfigMap.class).toList(),
                service(),
                YAML.unmarshal("""
                        ---
                        metadata: {name: churn-%d, namespace: shop}
                        spec: {model: churn, version: "%d", baseline: {uri: s3://tatara/profile.json}}
                        """.formatted(version, version), ModelVersion.class),
                YAML.unmarshal("""
                        ---
                        metadata: {name: user-activity, namespace: shop}
                        status: {rows: %d}
                        """.formatted(rows), FeatureView.class),
                List.of(training()));
    }

    private InferenceService service() {
        return YAML.unmarshal("""
                ---
                metadata: {name: churn, namespace: shop}
                spec: {model: {follow: {model: churn, stage: Production}}}
                status:
                  stable: {modelVersion: churn-%1$d, revision: r%1$d, since: "%2$s"}
                  history:
                  - {revision: r%1$d, modelVersion: churn-%1$d, at: "%2$s", outcome: Promoted}
                  - {revision: r0, modelVersion: churn-0, at: "2025-01-01T00:00:00Z", outcome: Promoted}
                  handled: {triggers: %3$s}
                """.formatted(version, promotedAt, YAML.asJson(rolledBack)), InferenceService.class);
    }

    private TrainingJob training() {
        var runs = run == 0
                ? "[]"
                : isRunning
                        ? "[{number: %d, phase: Training, startedAt: \"%s\"}]".formatted(run, now)
                        : "[{number: %d, phase: %s, startedAt: \"%s\", finishedAt: \"%s\"%s}]"
                                .formatted(
                                        run,
                                        phase,
                                        now,
                                        now,
                                        phase == RunPhase.Registered ? ", modelVersion: churn-" + (run + 1) : "");
        return YAML.unmarshal(
                """
                ---
                metadata: {name: churn, namespace: shop}
                spec: {model: churn, triggers: {policies: [churn]}}
                status: {latestRun: %d%s, runs: %s, handled: {triggers: %s}}
                """.formatted(run, isRunning ? ", activeRun: " + run : "", runs, YAML.asJson(handled)),
                TrainingJob.class);
    }

    private Map<String, String> pending(String... actions) {
        return status().triggers().stream()
                .filter(trigger -> trigger.state() == Trigger.State.Pending
                        && List.of(actions).contains(trigger.action()))
                .collect(Collectors.toMap(trigger -> "churn/" + trigger.action(), Trigger::id));
    }

    private StepResult<DriftEvaluated> evaluated() {
        return fails
                ? StepResult.failed("drift", "StoreUnavailable", "s3://tatara answers 503")
                : StepResult.succeeded(
                        "drift",
                        "judged",
                        Evaluations.of(Map.of(Breach.DataDrift, judgement, Breach.ServiceLevel, judgement)));
    }

    private static StepResult<Notified> told() {
        return StepResult.succeeded("notify", "sent", new Notified(200, 1));
    }

    private Pod podOf(Job job) {
        return (Pod) objects.get("Pod/" + job.getMetadata().getName() + "-pod");
    }

    private <T extends HasMetadata> Stream<T> of(Class<T> kind) {
        return objects.values().stream().filter(kind::isInstance).map(kind::cast);
    }

    private static String key(HasMetadata object) {
        return object.getKind() + "/" + object.getMetadata().getName();
    }
}
