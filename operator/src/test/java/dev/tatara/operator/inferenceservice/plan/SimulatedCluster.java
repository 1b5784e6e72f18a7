package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.inferenceservice.InferenceServiceStatusFactory;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** As much of a cluster as a rollout sees: objects by name, Deployments whose pods get ready when the test says so. */
public final class SimulatedCluster {
    public static final ServingSettings SETTINGS = new ServingSettings(
            "tatara.dev/runtime:dev",
            "IfNotPresent",
            "s3://models/store",
            null,
            "tatara-artifact-store",
            Duration.ofSeconds(30),
            Duration.ofMinutes(10),
            "cHVibGljIGtleQ==");

    /** What it has learnt of the API's classes is most of what a cluster would cost. */
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    public final KubernetesSerialization serialization = SERIALIZATION;
    private final Map<String, HasMetadata> objects = new TreeMap<>();
    private final Set<String> broken = new HashSet<>();
    private final List<Pod> pods = new ArrayList<>();
    private final InferenceService service = new InferenceService();
    private List<FeatureView> views = List.of();
    private List<ModelVersion> versions = List.of();
    private List<DriftPolicy> policies = List.of();
    private ModelChoice choice = new ModelChoice.Waiting("ModelVersionNotFound", "there is none yet");
    public Instant now = Instant.parse("2026-01-01T00:00:00Z");
    /** How the requests are divided; null before anything serves. */
    public Routing routing;

    /** How every pod is known to divide them; null before anything serves. */
    public Routing acknowledged;

    private long generation;
    private boolean unreachable;
    private List<CheckResult> results;

    public SimulatedCluster(String specification) {
        service.setMetadata(new ObjectMetaBuilder()
                .withName("churn")
                .withNamespace("default")
                .withUid("3b9c5d3e")
                .withGeneration(1L)
                .withAnnotations(new TreeMap<>())
                .build());
        specify(specification);
    }

    public void specify(String specification) {
        // A text that begins with a brace would be taken for JSON.
        service.setSpec(serialization.unmarshal("---\n" + specification, InferenceServiceSpec.class));
    }

    public void choose(int version) {
        choose(version, ModelFacts.NONE);
    }

    /** From now on these views are there; what the service asks for is looked up in them. */
    public void views(FeatureView... there) {
        views = List.of(there);
    }

    /** From now on these versions say of themselves whether they are quarantined. */
    public void versions(ModelVersion... there) {
        versions = List.of(there);
    }

    /** From now on these policies may ask for a rollback. */
    public void policies(DriftPolicy... there) {
        policies = List.of(there);
    }

    void choose(int version, ModelFacts facts) {
        var model = new ServedModel(
                "churn-" + version,
                "churn",
                Integer.toString(version),
                "sha256:" + Integer.toString(version).repeat(64),
                "s3://tatara/models/sha256/" + Integer.toString(version).repeat(64));
        choice = new ModelChoice.Chosen(model, facts);
    }

    public void chooseNothing() {
        choice = new ModelChoice.Waiting("ModelVersionNotReady", "churn-9 is Verifying");
    }

    public void quarantine(int version) {
        choice =
                new ModelChoice.Waiting("ModelVersionQuarantined", "ModelVersion churn-" + version + " is quarantined");
    }

    /** Pods of a revision that isn't broken get ready, of all Deployments. */
    public void podsGetReady() {
        deployments().values().forEach(deployment -> {
            var ready = broken.contains(revisionOf(deployment))
                    ? 0
                    : deployment.getSpec().getReplicas();
            deployment.setStatus(new DeploymentStatusBuilder()
                    .withObservedGeneration(1L)
                    .withReplicas(deployment.getSpec().getReplicas())
                    .withUpdatedReplicas(deployment.getSpec().getReplicas())
                    .withReadyReplicas(ready)
                    .withAvailableReplicas(ready)
                    .build());
        });
    }

    public void breakRevision(String revision) {
        broken.add(revision);
        podsGetReady();
    }

    public void mend() {
        broken.clear();
    }

    /** The kubelet says this of a container of the revision's pods. */
    public void podsWait(String revision, String reason, String lastWords) {
        podsAre(
                revision,
                new ContainerStatusBuilder()
                        .withRestartCount(3)
                        .withNewState()
                        .withNewWaiting()
                        .withReason(reason)
                        .endWaiting()
                        .endState()
                        .withNewLastState()
                        .withNewTerminated()
                        .withExitCode(1)
                        .withMessage(lastWords)
                        .endTerminated()
                        .endLastState());
    }

    /** A container of the revision's pods has just ended, after so many restarts. */
    public void podsEnd(String revision, int restarts, String reason) {
        podsAre(
                revision,
                new ContainerStatusBuilder()
                        .withRestartCount(restarts)
                        .withNewState()
                        .withNewTerminated()
                        .withExitCode(137)
                        .withReason(reason)
                        .endTerminated()
                        .endState());
    }

    /** The revision's pods run, and that is all. */
    public void podsRun(String revision) {
        podsAre(
                revision,
                new ContainerStatusBuilder()
                        .withRestartCount(0)
                        .withStarted(false)
                        .withNewState()
                        .withNewRunning()
                        .endRunning()
                        .endState());
    }

    private void podsAre(String revision, ContainerStatusBuilder status) {
        pods.clear();
        pods.add(new PodBuilder()
                .withNewMetadata()
                .withName("churn-" + revision + "-7d9f6")
                .addToLabels(Labels.REVISION, revision)
                .endMetadata()
                .withNewStatus()
                .withContainerStatuses(
                        status.withName("runtime").withReady(false).build())
                .endStatus()
                .build());
    }

    /** From now on not all pods acknowledge how the requests are divided, or all do again. */
    public void podsUnreachable(boolean some) {
        unreachable = some;
    }

    /** From now on checks find this, or they are measured for ever where it is null. */
    public void checksFind(List<CheckResult> found) {
        results = found;
    }

    /** Somebody annotates the service; takes the annotation away where the value is null. */
    public void annotate(String name, String value) {
        if (value == null) {
            service.getMetadata().getAnnotations().remove(Labels.GROUP + "/" + name);
        } else {
            service.getMetadata().getAnnotations().put(Labels.GROUP + "/" + name, value);
        }
    }

    /**
     * Looks at the service once, as the reconciler does: notes what changed, or carries out what is to be done.
     *
     * @return the plan that was made
     */
    public Plan look(RolloutPlanner planner, Optional<Refusal> refusal) {
        var observed = observe();
        var plan = planner.plan(observed, refusal, RolloutPlanner.Signals.NONE);
        if (plan.note() == null && plan.rollout() instanceof Plan.Rollout.Rolling) {
            var found = plan.judging() == null ? null : results;
            plan = planner.plan(observed, refusal, new RolloutPlanner.Signals(route(plan), found));
        }
        var convergence = plan.note() == null ? route(plan) : null;
        if (plan.note() == null) {
            carryOut(plan);
        }
        report(new InferenceServiceStatusFactory(observed, plan, refusal, Optional.empty(), convergence).create());
        return plan;
    }

    private Convergence route(Plan plan) {
        if (plan.routing() == null) {
            return null;
        }
        if (!plan.routing().equals(routing)) {
            routing = plan.routing();
            generation++;
        }
        acknowledged = unreachable ? acknowledged : routing;
        return unreachable
                ? Convergence.pending(generation, "PodUnreachable", "pod churn-1 doesn't answer")
                : Convergence.complete(generation);
    }

    /** From now on the service has this status. */
    public void report(InferenceServiceStatus status) {
        service.setStatus(status);
    }

    public Observed observe() {
        return new Observed(
                service,
                FeatureChooser.complete(choice, service.getSpec().features(), views),
                of(ControllerRevision.class)
                        .map(object -> Revision.read(object, serialization))
                        .collect(Collectors.toMap(Revision::id, Function.identity())),
                deployments(),
                of(Service.class)
                        .filter(object -> object.getMetadata().getName().equals("churn"))
                        .findFirst()
                        .orElse(null),
                of(HorizontalPodAutoscaler.class).findFirst().orElse(null),
                objects.values().stream()
                        .filter(object -> List.of("ConfigMap", "PodDisruptionBudget")
                                        .contains(object.getKind())
                                || (object instanceof Service
                                        && !object.getMetadata().getName().equals("churn")))
                        .toList(),
                List.copyOf(pods),
                service.getStatus() == null ? List.of() : Rollbacks.inForce(service.getStatus(), versions),
                policies,
                now);
    }

    public void carryOut(Plan plan) {
        for (var desired : plan.apply()) {
            var observed = objects.get(key(desired));
            if (desired instanceof Deployment deployment) {
                var before = (Deployment) observed;
                deployment.getMetadata().setGeneration(1L);
                deployment
                        .getMetadata()
                        .setCreationTimestamp(
                                before == null
                                        ? now.toString()
                                        : before.getMetadata().getCreationTimestamp());
                deployment
                        .getSpec()
                        .setReplicas(before == null ? 1 : before.getSpec().getReplicas());
                deployment.setStatus(before == null ? new DeploymentStatusBuilder().build() : before.getStatus());
            }
            objects.put(key(desired), desired);
        }
        plan.scale().forEach(scale -> ((Deployment) objects.get("Deployment/" + scale.deployment()))
                .getSpec()
                .setReplicas(scale.replicas()));
        plan.delete().forEach(object -> objects.remove(key(object)));
    }

    public Map<String, Deployment> deployments() {
        return of(Deployment.class).collect(Collectors.toMap(SimulatedCluster::revisionOf, Function.identity()));
    }

    String describe() {
        return objects.keySet() + " selected " + observe().selectedRevision();
    }

    static String revisionOf(HasMetadata object) {
        return object.getMetadata().getLabels().get(Labels.REVISION);
    }

    <T extends HasMetadata> Stream<T> of(Class<T> kind) {
        return objects.values().stream().filter(kind::isInstance).map(kind::cast);
    }

    private static String key(HasMetadata object) {
        return object.getKind() + "/" + object.getMetadata().getName();
    }
}
