package dev.tatara.operator.inferenceservice.analysis;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.rollout.Check;
import dev.tatara.operator.inferenceservice.analysis.Measurements.Answer;
import dev.tatara.operator.inferenceservice.plan.ServingObjects;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.Digests;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.steps.JobLauncher;
import dev.tatara.operator.steps.StepContainer;
import dev.tatara.operator.steps.StepPod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** Runs a user's Job once in a stage, and says how it ended. */
final class JobSource {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final Quantity SCRATCH = new Quantity("1Gi");
    private static final int KEPT_SECONDS = 86_400;

    private final KubernetesClient client;
    private final JobLauncher launcher;
    private final String pullPolicy;

    JobSource(KubernetesClient client, Applier applier, String pullPolicy) {
        this.client = client;
        this.launcher = new JobLauncher(client, applier, "the check");
        this.pullPolicy = pullPolicy;
    }

    /**
     * How a check's Job stands, which is made if it isn't there.
     *
     * @param since when the stage began: another stage has Jobs of its own
     */
    Answer ask(InferenceService service, String candidate, Instant since, Check check) {
        var desired = job(service, candidate, since, check);
        var found = client.resource(desired).get();
        if (found != null) {
            return answer(found);
        }
        var made = new AtomicReference<Job>();
        return launcher.launch(service, desired, made::set)
                .<Answer>map(heldUp -> new Answer.None(heldUp.message()))
                .orElseGet(() -> answer(made.get()));
    }

    private static Answer answer(Job job) {
        var name = job.getMetadata().getName();
        var conditions = job.getStatus() == null
                ? List.<JobCondition>of()
                : job.getStatus().getConditions();
        for (var condition : conditions) {
            if ("True".equals(condition.getStatus()) && condition.getType().equals("Complete")) {
                return new Answer.Ended(true, "Job " + name + " has passed");
            }
            if ("True".equals(condition.getStatus()) && condition.getType().equals("Failed")) {
                return new Answer.Ended(
                        false,
                        "Job " + name + " failed: " + condition.getMessage() + " (kubectl logs -n "
                                + job.getMetadata().getNamespace() + " job/" + name + ")");
            }
        }
        return new Answer.None("Job " + name + " is running");
    }

    Job job(InferenceService service, String candidate, Instant since, Check check) {
        var asked = check.job();
        var container = new StepContainer("check", asked.image(), pullPolicy)
                .command(asked.command())
                .arguments(asked.args())
                .variable("TATARA_STABLE_URL", ServingObjects.stableUrl(service))
                .variable("TATARA_CANDIDATE_URL", ServingObjects.candidateUrl(service))
                .variable("TATARA_CANDIDATE_REVISION", candidate)
                .writesToRoot()
                .resources(new ResourceRequirementsBuilder()
                        .addToRequests("cpu", new Quantity("100m"))
                        .addToRequests("memory", new Quantity("128Mi"))
                        .addToLimits("memory", new Quantity("1Gi"))
                        .build());
        // Not by the label that pods which serve are found by.
        var labels = Labels.of(service, "tatara-check", "check");
        labels.remove(Labels.ownerKey(InferenceService.class));
        var job = new StepPod(container, SCRATCH)
                .serviceAccount(asked.serviceAccountName())
                .labels(labels)
                .job(
                        service,
                        service.getMetadata().getName() + "-check-"
                                + Digests.of(List.of(candidate, since.toString(), check), 10),
                        Map.of(),
                        asked.timeout() == null ? TIMEOUT : asked.timeout().toDuration());
        job.getSpec().setTtlSecondsAfterFinished(KEPT_SECONDS);
        return job;
    }
}
