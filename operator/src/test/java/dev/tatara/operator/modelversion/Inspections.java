package dev.tatara.operator.modelversion;

import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.ModelSignature;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.contracts.TensorSpec;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.modelversion.plan.InspectionJob;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Plays the Job controller and the kubelet for inspections: each Job gets a pod that ends at once, with the result that
 * the test has set for the version, and then its own end. The pods' specifications are the operator's.
 */
final class Inspections implements AutoCloseable {
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(new TensorSpec("features", "FP32", List.of(-1L, 5L))),
            List.of(new TensorSpec("label", "INT64", List.of(-1L))));

    private final KubeApi api;
    private final Map<String, StepResult<ModelInspection>> results = new ConcurrentHashMap<>();
    private final Queue<String> started = new ConcurrentLinkedQueue<>();
    private final SharedIndexInformer<Job> informer;

    Inspections(KubeApi api) {
        this.api = api;
        this.informer = api.client()
                .batch()
                .v1()
                .jobs()
                .inAnyNamespace()
                .withLabelSelector(InspectionJob.SELECTOR)
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(Job job) {
                        run(job);
                    }

                    @Override
                    public void onUpdate(Job before, Job job) {}

                    @Override
                    public void onDelete(Job job, boolean unknown) {}
                });
    }

    /** Sets how inspections of a version end from now on; they succeed unless it is said otherwise. */
    void endWith(String namespace, String version, StepResult<ModelInspection> result) {
        results.put(namespace + "/" + version, result);
    }

    /** From now on, inspections of the version succeed. */
    void mend(String namespace, String version) {
        results.remove(namespace + "/" + version);
    }

    /** Names of the Jobs of a namespace that were started, in order. */
    List<String> startedIn(String namespace) {
        return started.stream()
                .filter(job -> job.startsWith(namespace + "/"))
                .map(job -> job.substring(namespace.length() + 1))
                .toList();
    }

    static StepResult<ModelInspection> success(String version) {
        var digest = digestOf(version);
        return StepResult.succeeded(
                "inspect-model",
                "verified",
                new ModelInspection(
                        "sha256:" + digest,
                        48_211,
                        "s3://tatara/models/sha256/" + digest,
                        17,
                        SIGNATURE,
                        false,
                        Map.of("latencyP99Millis", 0.4)));
    }

    /** The digest that a version's file has. */
    static String digestOf(String version) {
        return "%064x".formatted(version.hashCode() & 0xffffffffL);
    }

    @Override
    public void close() {
        informer.stop();
    }

    private void run(Job job) {
        var metadata = job.getMetadata();
        started.add(metadata.getNamespace() + "/" + metadata.getName());
        var version = metadata.getLabels().get(Labels.GROUP + "/modelversion");
        var result = results.getOrDefault(metadata.getNamespace() + "/" + version, success(version));
        try {
            createPod(job);
            endPod(job, result);
            endJob(job, result.outcome() == Outcome.Succeeded);
        } catch (KubernetesClientException e) {
            // The version may have gone meanwhile, and its Jobs with it.
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    private void createPod(Job job) {
        var template = job.getSpec().getTemplate();
        api.client()
                .resource(new PodBuilder()
                        .withNewMetadataLike(template.getMetadata())
                        .withName(podOf(job))
                        .withNamespace(job.getMetadata().getNamespace())
                        .withOwnerReferences(new OwnerReferenceBuilder()
                                .withApiVersion("batch/v1")
                                .withKind("Job")
                                .withName(job.getMetadata().getName())
                                .withUid(job.getMetadata().getUid())
                                .withController(true)
                                .build())
                        .endMetadata()
                        .withSpec(template.getSpec())
                        .build())
                .create();
    }

    private void endPod(Job job, StepResult<ModelInspection> result) {
        var succeeded = result.outcome() == Outcome.Succeeded;
        api.client()
                .pods()
                .inNamespace(job.getMetadata().getNamespace())
                .withName(podOf(job))
                .editStatus(pod -> new PodBuilder(pod)
                        .withNewStatus()
                        .withPhase(succeeded ? "Succeeded" : "Failed")
                        .addNewContainerStatus()
                        .withName(InspectionJob.CONTAINER)
                        .withImage("tatara.dev/steps:dev")
                        .withImageID("")
                        .withReady(false)
                        .withRestartCount(0)
                        .withNewState()
                        .withNewTerminated()
                        .withExitCode(succeeded ? 0 : 3)
                        .withReason(succeeded ? "Completed" : "Error")
                        .withFinishedAt(now())
                        .withMessage(StepResultCodec.toJson(result))
                        .endTerminated()
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build());
    }

    private void endJob(Job job, boolean succeeded) {
        var conditions = succeeded
                ? List.of(condition("SuccessCriteriaMet"), condition("Complete"))
                : List.of(condition("FailureTarget"), condition("Failed"));
        api.client().resource(job).editStatus(observed -> new JobBuilder(observed)
                .withNewStatus()
                .withStartTime(now())
                .withCompletionTime(succeeded ? now() : null)
                .withSucceeded(succeeded ? 1 : null)
                .withFailed(succeeded ? null : 1)
                .withConditions(conditions)
                .withNewUncountedTerminatedPods()
                .endUncountedTerminatedPods()
                .endStatus()
                .build());
    }

    private static JobCondition condition(String type) {
        return new JobConditionBuilder()
                .withType(type)
                .withStatus("True")
                .withLastTransitionTime(now())
                .build();
    }

    private static String podOf(Job job) {
        return job.getMetadata().getName() + "-pod";
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
