package dev.tatara.operator.trainingjob.train;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.Owners;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Job of one attempt at training, and what an observed one is an attempt at. */
public final class TrainerJob {
    /** The container that brings the data. */
    public static final String FETCH = TrainerPod.FETCH;
    /** The container with the user's image. */
    public static final String TRAINER = TrainerPod.TRAINER;
    /** The container that takes the model. */
    public static final String PUBLISH = TrainerPod.PUBLISH;
    /** On the Job of a trial: its hyperparameters as JSON. */
    public static final String PARAMETERS = Labels.GROUP + "/parameters";

    /** On a Job that only finds again what was published. */
    public static final String RECALLS = Labels.GROUP + "/recalls";

    static final String QUEUE = "kueue.x-k8s.io/queue-name";

    private static final String DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";
    private static final String JOB_NAME = "batch.kubernetes.io/job-name";

    private final TrainerRun run;
    private final TrainerSettings settings;
    private final KubernetesSerialization serialization;

    private TrainerJob(TrainerRun run, TrainerSettings settings, KubernetesSerialization serialization) {
        this.run = run;
        this.settings = settings;
        this.serialization = serialization;
    }

    /** What an attempt consists of. */
    public static TrainerObjects render(
            TrainerRun run, TrainerSettings settings, KubernetesSerialization serialization) {
        var rendering = new TrainerJob(run, settings, serialization);
        return new TrainerObjects(rendering.job(), run.replicas() == 1 ? null : rendering.service());
    }

    /** The paths of fields in {@code spec.trainer.podTemplate} that the operator needs for itself, sorted. */
    public static List<String> reservedFieldsIn(TrainingJobSpec spec, KubernetesSerialization serialization) {
        return new TrainerTemplate(serialization).reservedFieldsIn(spec.trainer());
    }

    /** What is wrong with a specification that the schema can't see, and what to change. */
    public static Optional<String> problem(TrainingJobSpec spec) {
        return Hyperparameters.problem(spec).or(() -> spec.trainer().env().stream()
                .filter(variable -> TrainerEnvironment.isReserved(variable.name(), spec.trainer()))
                .findFirst()
                .map(variable ->
                        "spec.trainer.env: " + variable.name() + " belongs to the operator; choose another name"));
    }

    /** Whether a Job only finds again what an attempt before it had published. */
    public static boolean recalls(Job job) {
        return job.getMetadata().getAnnotations() != null
                && job.getMetadata().getAnnotations().containsKey(RECALLS);
    }

    /** How many pods a Job has at a time. */
    static int replicasOf(Job job) {
        var completions = job.getSpec() == null ? null : job.getSpec().getCompletions();
        return completions == null ? 1 : completions;
    }

    /** The Service that goes with a Job, as far as it takes to delete it; {@code null} if there is none. */
    public static Service serviceOf(Job job) {
        return replicasOf(job) == 1
                ? null
                : new ServiceBuilder()
                        .withNewMetadata()
                        .withName(job.getMetadata().getName())
                        .withNamespace(job.getMetadata().getNamespace())
                        .endMetadata()
                        .build();
    }

    private Job job() {
        var deadline = run.remaining().compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : run.remaining();
        var own = TrainerPod.render(run, settings).job(run.job(), run.jobName(), annotations(), deadline);
        var job = new JobBuilder(own);
        var trainer = run.trainer();
        job.editSpec()
                .editTemplate()
                .editOrNewMetadata()
                // What "kubectl logs" shows.
                .addToAnnotations(DEFAULT_CONTAINER, run.recalls() ? PUBLISH : TRAINER)
                .endMetadata()
                .editSpec()
                .withTolerations(TrainerPod.tolerations(trainer))
                .endSpec()
                .endTemplate()
                .endSpec();
        if (run.recalls()) {
            // What the trainer needs of nodes, queues and its pod is nothing to who only reads a result.
            return job.build();
        }
        if (run.replicas() > 1) {
            distribute(job);
        }
        if (TrainerPod.countsDisruptions(trainer)) {
            job.editSpec().withPodFailurePolicy(null).endSpec();
        }
        if (trainer.queue() != null) {
            // Kueue starts it when there is room; nobody else does.
            job.editMetadata().addToLabels(QUEUE, trainer.queue()).endMetadata();
            job.editSpec().withSuspend(true).endSpec();
        }
        var template = new TrainerTemplate(serialization).merged(job.buildSpec().getTemplate(), trainer.podTemplate());
        return job.editSpec().withTemplate(template).endSpec().build();
    }

    /** One pod per rank. They wait for each other, so that the end of one is the end of all. */
    private void distribute(JobBuilder job) {
        job.editSpec()
                .withCompletionMode("Indexed")
                .withCompletions(run.replicas())
                .withParallelism(run.replicas())
                .withNewPodFailurePolicy()
                // A pod made again couldn't join the others: the Job ends at once, and says so.
                .addNewRule()
                .withAction("FailJob")
                .addNewOnPodCondition("True", TrainerReader.DISRUPTION)
                .endRule()
                .endPodFailurePolicy()
                .editTemplate()
                .editSpec()
                .withSubdomain(run.jobName())
                .endSpec()
                .endTemplate()
                .endSpec();
    }

    private Map<String, String> annotations() {
        var annotations = new LinkedHashMap<String, String>();
        if (run.trial() != null) {
            annotations.put(PARAMETERS, run.trial().parameters().toString());
        }
        if (run.recalls()) {
            annotations.put(RECALLS, "true");
        }
        return annotations;
    }

    /** Gives each pod a name in DNS, as soon as it has an address: trainers look for each other before any is ready. */
    private Service service() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(run.jobName())
                .withNamespace(run.job().getMetadata().getNamespace())
                .withLabels(TrainerNames.labels(run))
                .withOwnerReferences(Owners.controller(run.job()))
                .endMetadata()
                .withNewSpec()
                .withClusterIP("None")
                .withPublishNotReadyAddresses(true)
                .withSelector(Map.of(JOB_NAME, run.jobName()))
                .addNewPort()
                .withName("rendezvous")
                .withProtocol("TCP")
                .withPort(TrainerEnvironment.MASTER_PORT)
                .endPort()
                .endSpec()
                .build();
    }
}
