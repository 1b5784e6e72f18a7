package dev.tatara.operator.featureview.plan;

import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.MaterializationProgress.Trigger;
import dev.tatara.api.v1alpha1.featureview.Source;
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
import java.util.Optional;

/**
 * The Job of one attempt at a materialization. Its name follows from the view, the number of the materialization and
 * the attempt, and it remembers what asked for it, so that an operator that ends before it could note that in the
 * status finds it again.
 */
public final class MaterializationJob {
    public static final String COMPONENT = "materialization";
    public static final String CONTAINER = "materialize";
    /** Selects the Jobs, pods and ConfigMaps of materializations. */
    public static final String SELECTOR = Labels.MANAGED_SELECTOR + ",app.kubernetes.io/component=" + COMPONENT;

    /** The numbers of materialization and attempt. */
    static final AttemptLabels NUMBERS = new AttemptLabels(Labels.GROUP + "/materialization");

    private static final String TRIGGER = Labels.GROUP + "/trigger";
    private static final String START = Labels.GROUP + "/interval-start";
    private static final String END = Labels.GROUP + "/interval-end";
    private static final String FULL = Labels.GROUP + "/full";
    private static final String DEFINITION = Labels.GROUP + "/definition";
    private static final String GENERATION = Labels.GROUP + "/generation";

    private static final String DEFINITION_FOLDER = "/tatara/definition";
    private static final String REDIS_CREDENTIALS = "/tatara/secrets/redis";

    private final FeatureView view;
    private final Run run;
    private final int attempt;
    private final MaterializationSettings settings;
    private final StoreAccess store;

    private MaterializationJob(FeatureView view, Run run, int attempt, MaterializationSettings settings) {
        this.view = view;
        this.run = run;
        this.attempt = attempt;
        this.settings = settings;
        this.store = settings.step().store().or(view.getSpec().artifactStore());
    }

    static Job render(FeatureView view, Run run, int attempt, MaterializationSettings settings) {
        return new MaterializationJob(view, run, attempt, settings).job();
    }

    /** {@code <view>-materialize-<number>-<attempt>}; a long name is cut and told apart by a digest. */
    static String nameOf(FeatureView view, int number, int attempt) {
        return StepNames.of(view.getMetadata().getName(), "-materialize-" + number + "-" + attempt);
    }

    /** Which materialization a Job belongs to; 0 if it doesn't say. */
    public static int numberOf(Job job) {
        return NUMBERS.numberOf(job);
    }

    /** The materialization that a Job is an attempt at, as far as the Job tells. */
    static Optional<Run> runOf(Job job) {
        var annotations = job.getMetadata().getAnnotations();
        if (!annotations.keySet().containsAll(List.of(TRIGGER, END, DEFINITION, GENERATION))) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Run(
                    numberOf(job),
                    Trigger.valueOf(annotations.get(TRIGGER)),
                    annotations.containsKey(START) ? Instant.parse(annotations.get(START)) : null,
                    Instant.parse(annotations.get(END)),
                    annotations.containsKey(FULL),
                    annotations.get(DEFINITION),
                    Long.parseLong(annotations.get(GENERATION))));
        } catch (IllegalArgumentException | DateTimeException e) {
            // Somebody changed it; the status, which is written right after the Job, mostly knows too.
            return Optional.empty();
        }
    }

    /** The name of the ConfigMap that a Job's pods mount; {@code null} if they mount none. */
    static String definitionOf(Job job) {
        var template = job.getSpec() == null ? null : job.getSpec().getTemplate();
        return template == null || template.getSpec() == null
                ? null
                : template.getSpec().getVolumes().stream()
                        .filter(volume -> volume.getConfigMap() != null)
                        .map(volume -> volume.getConfigMap().getName())
                        .findFirst()
                        .orElse(null);
    }

    private Job job() {
        var labels = Labels.of(view, "tatara-steps", COMPONENT);
        NUMBERS.put(labels, run.number(), attempt);
        var source = view.getSpec().source();
        var pod = settings.step()
                .pod(CONTAINER)
                .labels(labels)
                .arguments(arguments())
                .variable("TATARA_STORE_ENDPOINT", store.endpoint())
                .configMap(
                        "definition",
                        DEFINITION_FOLDER,
                        ViewDefinition.render(view).getMetadata().getName())
                .secret("store-credentials", StepPod.STORE_CREDENTIALS, store.secret());
        secretOf(source)
                .ifPresent(secret -> pod.secret("source-credentials", StepPod.SOURCE_CREDENTIALS, secret.name()));
        if (ViewDefinition.isOnline(view.getSpec())) {
            pod.secret(
                    "redis-credentials",
                    REDIS_CREDENTIALS,
                    view.getSpec().online().redis().secretRef().name());
        }
        pod.claim(store.uri(), false);
        if (source.uri() != null) {
            pod.claim(source.uri(), true);
        }
        return pod.job(view, nameOf(view, run.number(), attempt), annotations(), settings.deadline());
    }

    private Map<String, String> annotations() {
        var annotations = new LinkedHashMap<String, String>();
        annotations.put(TRIGGER, run.trigger().name());
        if (run.start() != null) {
            annotations.put(START, run.start().toString());
        }
        annotations.put(END, run.end().toString());
        if (run.full()) {
            annotations.put(FULL, "true");
        }
        annotations.put(DEFINITION, run.definition());
        annotations.put(GENERATION, Long.toString(run.generation()));
        var request = Annotations.valueOf(view, run.isBackfill() ? Annotations.BACKFILL : Annotations.MATERIALIZE);
        if (request != null) {
            annotations.put(run.isBackfill() ? Annotations.BACKFILL : Annotations.MATERIALIZE, request);
        }
        return annotations;
    }

    private List<String> arguments() {
        var metadata = view.getMetadata();
        var arguments = new ArrayList<>(List.of(
                "materialize",
                "--view",
                DEFINITION_FOLDER + "/" + ViewDefinition.FILE,
                "--store",
                ClaimUri.mounted(store.uri()),
                // The same for every attempt: one whose end nobody saw is found by the next.
                "--result-key",
                "materializations/%s/%s/%s-%d/result.json"
                        .formatted(metadata.getNamespace(), metadata.getName(), metadata.getUid(), run.number()),
                "--end",
                run.end().toString()));
        if (run.start() != null) {
            arguments.addAll(List.of("--start", run.start().toString()));
        }
        if (run.full()) {
            arguments.add("--full");
        }
        secretOf(view.getSpec().source())
                .ifPresent(secret -> arguments.addAll(List.of(
                        "--source-credentials", StepPod.SOURCE_CREDENTIALS, "--source-secret-name", secret.name())));
        if (ViewDefinition.isOnline(view.getSpec())) {
            arguments.addAll(List.of("--redis-credentials", REDIS_CREDENTIALS));
        }
        arguments.addAll(
                List.of("--store-credentials", StepPod.STORE_CREDENTIALS, "--store-secret-name", store.secret()));
        return arguments;
    }

    private static Optional<LocalReference> secretOf(Source source) {
        if (source.jdbc() != null) {
            return Optional.ofNullable(source.jdbc().secretRef());
        }
        return Optional.ofNullable(source.http() != null ? source.http().secretRef() : source.secretRef());
    }
}
