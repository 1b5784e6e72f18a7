package dev.tatara.operator.testing;

import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * Plays the Job controller and the kubelet for Jobs of steps: each Job gets a pod that ends at once, with the result
 * that the test has set for the Job's owner, and then its own end. The pods' specifications are the operator's.
 *
 * @param <D> record of the step's findings
 */
public final class StepJobs<D> implements AutoCloseable {
    private final KubeApi api;
    private final Function<Job, String> container;
    private final Function<Job, String> owner;
    private final Function<Job, StepResult<D>> success;
    private final Map<String, StepResult<D>> results = new ConcurrentHashMap<>();
    private final Set<String> paused = ConcurrentHashMap.newKeySet();
    private final Set<String> unheard = ConcurrentHashMap.newKeySet();
    private final Queue<Job> started = new ConcurrentLinkedQueue<>();
    private final SharedIndexInformer<Job> informer;

    /**
     * Plays for the Jobs of one kind.
     *
     * @param selector selects the Jobs
     * @param container name of the pods' container
     * @param ownerLabel label that names the Jobs' owner
     * @param success the result of a Job for whose owner the test has set none
     */
    public StepJobs(
            KubeApi api, String selector, String container, String ownerLabel, Function<Job, StepResult<D>> success) {
        this(
                api,
                selector,
                job -> container,
                job -> job.getMetadata().getLabels().get(ownerLabel),
                success);
    }

    /**
     * Plays for the Jobs of several steps.
     *
     * @param selector selects the Jobs
     * @param container name of the container in a Job's pods whose end tells the result
     * @param owner what the test calls the Jobs that end alike
     * @param success the result of a Job for which the test has set none
     */
    public StepJobs(
            KubeApi api,
            String selector,
            Function<Job, String> container,
            Function<Job, String> owner,
            Function<Job, StepResult<D>> success) {
        this.api = api;
        this.container = container;
        this.owner = owner;
        this.success = success;
        this.informer = api.client()
                .batch()
                .v1()
                .jobs()
                .inAnyNamespace()
                .withLabelSelector(selector)
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

    /** Sets how Jobs of an owner end from now on; they succeed unless it is said otherwise. */
    public void endWith(String namespace, String owner, StepResult<D> result) {
        results.put(namespace + "/" + owner, result);
    }

    /** From now on, Jobs of the owner succeed. */
    public void mend(String namespace, String owner) {
        results.remove(namespace + "/" + owner);
    }

    /** The owner's next Job succeeds, and its pod goes with the result before anybody has looked. */
    public void lose(String namespace, String owner) {
        unheard.add(namespace + "/" + owner);
    }

    /** From now on, pods of the owner's Jobs run and don't end. */
    public void pause(String namespace, String owner) {
        paused.add(namespace + "/" + owner);
    }

    /** Ends the owner's Jobs that run, and from now on those that start. */
    public void resume(String namespace, String owner) {
        paused.remove(namespace + "/" + owner);
        started.stream()
                .filter(job -> key(job).equals(namespace + "/" + owner))
                .filter(job -> {
                    var current = api.client().resource(job).get();
                    return current != null
                            && current.getStatus().getConditions().isEmpty();
                })
                .forEach(this::end);
    }

    /** Names of the Jobs of a namespace that were started, in order. */
    public List<String> startedIn(String namespace) {
        return started.stream()
                .filter(job -> job.getMetadata().getNamespace().equals(namespace))
                .map(job -> job.getMetadata().getName())
                .toList();
    }

    @Override
    public void close() {
        informer.stop();
    }

    private void run(Job job) {
        started.add(job);
        try {
            createPod(job);
        } catch (KubernetesClientException e) {
            passIfGone(e);
            return;
        }
        if (!paused.contains(key(job))) {
            end(job);
        }
    }

    private void end(Job job) {
        var set = results.get(key(job));
        var result = set == null ? success.apply(job) : set;
        try {
            if (unheard.remove(key(job))) {
                api.client()
                        .pods()
                        .inNamespace(job.getMetadata().getNamespace())
                        .withName(podOf(job))
                        .delete();
            } else {
                endPod(job, result);
            }
            endJob(job, result.outcome() == Outcome.Succeeded);
        } catch (KubernetesClientException e) {
            passIfGone(e);
        }
    }

    /** The owner may have gone meanwhile, and its Jobs with it. */
    private static void passIfGone(KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
            throw e;
        }
    }

    private String key(Job job) {
        return job.getMetadata().getNamespace() + "/" + owner.apply(job);
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

    private void endPod(Job job, StepResult<D> result) {
        var succeeded = result.outcome() == Outcome.Succeeded;
        api.client()
                .pods()
                .inNamespace(job.getMetadata().getNamespace())
                .withName(podOf(job))
                .editStatus(pod -> new PodBuilder(pod)
                        .withNewStatus()
                        .withPhase(succeeded ? "Succeeded" : "Failed")
                        .addNewContainerStatus()
                        .withName(container.apply(job))
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

    /** A Job that was deleted and made again has another pod. */
    private static String podOf(Job job) {
        return job.getMetadata().getName() + "-" + job.getMetadata().getUid().substring(0, 5);
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
