package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.Performance;
import dev.tatara.api.v1alpha1.driftpolicy.EvaluationProgress.Occasion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.Task;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.steps.StepNames;
import dev.tatara.operator.steps.StepPod;
import dev.tatara.operator.steps.StoreAccess;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The Job of one attempt at an evaluation. Its name follows from the policy, the number of the evaluation and the
 * attempt, and it remembers what asked for it, so that an operator that ends before it could note that in the status
 * finds it again.
 */
public final class EvaluationJob {
    public static final String COMPONENT = "drift-evaluation";
    public static final String CONTAINER = "drift";

    /** The numbers of evaluation and attempt. */
    static final AttemptLabels NUMBERS = new AttemptLabels(Labels.GROUP + "/evaluation");

    private static final String OCCASION = Labels.GROUP + "/occasion";
    private static final String AT = Labels.GROUP + "/at";
    private static final String MODEL_VERSION = Labels.GROUP + "/modelversion";
    private static final String DEFINITION = Labels.GROUP + "/definition";
    private static final String DEFINITION_FOLDER = "/tatara/definition";

    private final Observed observed;
    private final DriftPolicy policy;
    private final EvaluationRun run;
    private final int attempt;
    private final PlanSettings settings;
    private final StoreAccess store;

    private EvaluationJob(Observed observed, EvaluationRun run, int attempt, PlanSettings settings) {
        this.observed = observed;
        this.policy = observed.policy();
        this.run = run;
        this.attempt = attempt;
        this.settings = settings;
        // Panes lie where the service's pods write them.
        this.store = settings.step().store().or(observed.service().getSpec().artifactStore());
    }

    static Job render(Observed observed, EvaluationRun run, int attempt, PlanSettings settings) {
        return new EvaluationJob(observed, run, attempt, settings).job();
    }

    /** {@code <policy>-drift-<number>-<attempt>}; a long name is cut and told apart by a digest. */
    static String nameOf(DriftPolicy policy, int number, int attempt) {
        return StepNames.of(policy.getMetadata().getName(), "-drift-" + number + "-" + attempt);
    }

    /** Which evaluation a Job belongs to; 0 if it is none. */
    public static int numberOf(Job job) {
        return NUMBERS.numberOf(job);
    }

    /** The evaluation that a Job is an attempt at, as far as the Job tells. */
    static Optional<EvaluationRun> runOf(Job job) {
        var annotations = job.getMetadata().getAnnotations();
        if (annotations == null || !annotations.keySet().containsAll(List.of(OCCASION, AT, DEFINITION))) {
            return Optional.empty();
        }
        try {
            return Optional.of(new EvaluationRun(
                    numberOf(job),
                    Occasion.valueOf(annotations.get(OCCASION)),
                    Instant.parse(annotations.get(AT)),
                    job.getMetadata().getLabels().get(Labels.REVISION),
                    annotations.get(MODEL_VERSION),
                    annotations.get(DEFINITION)));
        } catch (IllegalArgumentException | DateTimeException e) {
            // Somebody changed it; the status, which is written right after the Job, mostly knows too.
            return Optional.empty();
        }
    }

    /** The name of the ConfigMap that a Job's pods mount. */
    static String definitionOf(DriftPolicy policy, Job job) {
        var annotations = job.getMetadata().getAnnotations();
        var digest = annotations == null ? null : annotations.get(DEFINITION);
        return digest == null ? null : PolicyDefinition.nameOf(policy, digest);
    }

    private Job job() {
        var labels = Labels.of(policy, "tatara-steps", COMPONENT);
        NUMBERS.put(labels, run.number(), attempt);
        labels.put(Labels.REVISION, run.revision());
        var pod = settings.step()
                .pod(CONTAINER)
                .labels(labels)
                .arguments(arguments())
                .variable("TATARA_STORE_ENDPOINT", store.endpoint())
                .configMap("definition", DEFINITION_FOLDER, PolicyDefinition.nameOf(policy, run.definition()))
                .secret("store-credentials", StepPod.STORE_CREDENTIALS, store.secret())
                .claim(store.uri(), false);
        Stream.concat(
                        Stream.of(baseline(), referenceUri()).filter(Objects::nonNull),
                        policy.getSpec().performance().stream()
                                .map(Performance::uri)
                                .filter(Objects::nonNull))
                .forEach(uri -> pod.claim(uri, true));
        return pod.job(policy, nameOf(policy, run.number(), attempt), annotations(), settings.deadline());
    }

    private Map<String, String> annotations() {
        var annotations = new LinkedHashMap<String, String>();
        annotations.put(OCCASION, run.occasion().name());
        annotations.put(AT, run.at().toString());
        if (run.modelVersion() != null) {
            annotations.put(MODEL_VERSION, run.modelVersion());
        }
        annotations.put(DEFINITION, run.definition());
        var request = Annotations.valueOf(policy, Annotations.EVALUATE);
        if (request != null) {
            annotations.put(Annotations.EVALUATE, request);
        }
        return annotations;
    }

    private List<String> arguments() {
        var metadata = policy.getMetadata();
        var folder = "drift-evaluations/%s/%s/%d-%s"
                .formatted(metadata.getNamespace(), metadata.getName(), run.number(), idOf(metadata.getUid()));
        var arguments = new ArrayList<>(List.of(
                "drift",
                "--policy",
                DEFINITION_FOLDER + "/" + PolicyDefinition.FILE,
                "--revision",
                run.revision(),
                "--at",
                run.at().toString(),
                "--store",
                ClaimUri.mounted(store.uri()),
                // The same for every attempt: one whose end nobody saw is found by the next.
                "--result-key",
                folder + "/result.json",
                "--output",
                folder));
        var version = observed.version();
        if (baseline() != null) {
            arguments.addAll(List.of("--baseline", ClaimUri.mounted(baseline())));
            if (version.getSpec().baseline().sha256() != null) {
                arguments.addAll(List.of(
                        "--baseline-sha256", version.getSpec().baseline().sha256()));
            }
        }
        if (version != null && version.getStatus() != null) {
            if (version.getStatus().task() == Task.Classification
                    || version.getStatus().task() == Task.Regression) {
                arguments.addAll(List.of("--task", version.getStatus().task().name()));
            }
            version.getStatus().classes().forEach(name -> arguments.addAll(List.of("--classes", name)));
        }
        arguments.addAll(
                List.of("--store-credentials", StepPod.STORE_CREDENTIALS, "--store-secret-name", store.secret()));
        return arguments;
    }

    /** The profile of the version that is served; {@code null} where it has none. */
    private String baseline() {
        ModelVersion version = observed.version();
        return version == null || version.getSpec().baseline() == null
                ? null
                : version.getSpec().baseline().uri();
    }

    private String referenceUri() {
        var reference = policy.getSpec().reference();
        return reference == null ? null : reference.uri();
    }

    /** Tells the folders of namesakes apart. */
    private static String idOf(String uid) {
        return uid.split("-", 2)[0];
    }
}
