package dev.tatara.operator.trainingjob.train;

import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.util.List;
import java.util.Map;

/** Jobs and pods of trainers as Kubernetes shows them. */
public final class TrainerPods {
    public static final String MODEL_SHA256 = "9".repeat(64);

    private TrainerPods() {}

    /** A rendered Job as the server has it, with a status. */
    public static Job job(TrainerRun run, String status) {
        var job = TrainerJob.render(run, Runs.SETTINGS, Runs.YAML).job();
        return new JobBuilder(job)
                .editMetadata()
                .withUid("uid-of-" + job.getMetadata().getName())
                .withCreationTimestamp("2026-01-02T03:00:00Z")
                .endMetadata()
                .withStatus(Runs.YAML.unmarshal("---\n" + status, JobStatus.class))
                .build();
    }

    /** A pod of a Job, with a status. */
    public static Pod pod(Job job, int rank, String status) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(job.getMetadata().getName() + "-" + rank)
                .withNamespace(job.getMetadata().getNamespace())
                .withUid("uid-of-" + job.getMetadata().getName() + "-" + rank)
                .withCreationTimestamp("2026-01-02T03:00:01Z")
                .addToAnnotations("batch.kubernetes.io/job-completion-index", Integer.toString(rank))
                .addNewOwnerReference()
                .withApiVersion("batch/v1")
                .withKind("Job")
                .withName(job.getMetadata().getName())
                .withUid(job.getMetadata().getUid())
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .withSpec(job.getSpec().getTemplate().getSpec())
                .withStatus(Runs.YAML.unmarshal("---\n" + status, PodStatus.class))
                .build();
    }

    /** What {@code publish} leaves as termination message. */
    public static String published(Map<String, Double> metrics) {
        return StepResultCodec.toJson(StepResult.succeeded(
                "publish",
                "published",
                new Published(
                        new Published.StoredFile("s3://tatara/prod/runs/x/model.onnx", MODEL_SHA256, 4711),
                        metrics,
                        List.of(),
                        new Published.Artifacts("s3://tatara/prod/runs/x/artifacts", 0, 0, 0),
                        null,
                        false)));
    }
}
