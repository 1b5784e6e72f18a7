package dev.tatara.operator.trainingjob.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.trainingjob.Dataset;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.operator.featureview.plan.ViewDefinition;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.steps.StepManifest;
import dev.tatara.operator.steps.StoreAccess;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * What a run does, in a ConfigMap that is made when the run starts and never changed: the specification as it was, the
 * views it names, what asked for the run, and where its results go. It is the witness that the run exists.
 */
final class FrozenDefinition {
    /** Where it is mounted. */
    static final String FOLDER = "/tatara/definition";

    static final String JOB_FILE = "trainingjob.yaml";

    private static final String TRIGGER = Labels.GROUP + "/trigger";
    private static final String STARTED_AT = Labels.GROUP + "/started-at";
    private static final String TRIGGERS = Labels.GROUP + "/handled-triggers";
    private static final String STORE_URI = Labels.GROUP + "/store-uri";
    private static final String STORE_ENDPOINT = Labels.GROUP + "/store-endpoint";
    private static final String STORE_SECRET = Labels.GROUP + "/store-secret";
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private FrozenDefinition() {}

    /** The ConfigMap of a run that starts now. */
    static ConfigMap render(TrainingRun run, Demand demand, List<FeatureView> views) {
        var job = run.job();
        var annotations = new LinkedHashMap<String, String>();
        annotations.put(TRIGGER, run.trigger());
        annotations.put(STARTED_AT, run.startedAt().toString());
        annotations.put(STORE_URI, run.store().uri());
        if (run.store().endpoint() != null) {
            annotations.put(STORE_ENDPOINT, run.store().endpoint());
        }
        annotations.put(STORE_SECRET, run.store().secret());
        if (demand.request() != null) {
            annotations.put(Annotations.RUN, demand.request());
        }
        if (!demand.triggers().isEmpty()) {
            annotations.put(TRIGGERS, YAML.asJson(new TreeMap<>(demand.triggers())));
        }
        var data = new TreeMap<String, String>();
        data.put(JOB_FILE, YAML.asYaml(content(job)));
        for (var view : views) {
            data.put(fileOf(view.getMetadata().getName()), ViewDefinition.yaml(view));
        }
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(run.definition())
                .withNamespace(run.namespace())
                .withLabels(run.labels("tatara-steps"))
                .withAnnotations(annotations)
                .withOwnerReferences(Owners.controller(job))
                .endMetadata()
                .withImmutable(true)
                .withData(data)
                .build();
    }

    /** Name of the file with a view. */
    static String fileOf(String view) {
        return "view-" + view + ".yaml";
    }

    /** Whether a ConfigMap is the definition of a run, not a sweep's memory or something else of it. */
    static boolean isOne(ConfigMap map) {
        return map.getData() != null && map.getData().containsKey(JOB_FILE) && RunLabels.runOf(map) > 0;
    }

    /** The run that a ConfigMap is the witness of; empty where somebody made it illegible. */
    static Optional<TrainingRun> read(TrainingJob live, ConfigMap map) {
        var annotations = map.getMetadata().getAnnotations();
        if (annotations == null || !annotations.keySet().containsAll(List.of(STARTED_AT, STORE_URI, STORE_SECRET))) {
            return Optional.empty();
        }
        try {
            var tree = YAML.<JsonNode>unmarshal(map.getData().get(JOB_FILE), JsonNode.class);
            var job = new TrainingJob();
            job.setMetadata(live.getMetadata());
            job.setSpec(located(YAML.convertValue(tree.path("spec"), TrainingJobSpec.class), ClaimUri::unmounted));
            return Optional.of(new TrainingRun(
                    job,
                    RunLabels.runOf(map),
                    annotations.getOrDefault(TRIGGER, Demand.REQUEST),
                    Instant.parse(annotations.get(STARTED_AT)),
                    new StoreAccess(
                            annotations.get(STORE_URI), annotations.get(STORE_ENDPOINT), annotations.get(STORE_SECRET)),
                    null));
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The views as they were when the run started. */
    static List<FeatureView> viewsOf(ConfigMap map) {
        return map.getData().entrySet().stream()
                .filter(file -> !file.getKey().equals(JOB_FILE))
                .map(file -> YAML.<FeatureView>unmarshal(file.getValue(), FeatureView.class))
                .toList();
    }

    /** The value of the annotation that asked for the run or was there when it started; {@code null} without one. */
    static String requestOf(ConfigMap map) {
        return Annotations.valueOf(map, Annotations.RUN);
    }

    /** The DriftPolicies' triggers that the run answers: id by policy/action. */
    static Map<String, String> triggersOf(ConfigMap map) {
        var text = map.getMetadata().getAnnotations().get(TRIGGERS);
        if (text == null) {
            return Map.of();
        }
        try {
            var triggers = new TreeMap<String, String>();
            YAML.<JsonNode>unmarshal(text, JsonNode.class)
                    .properties()
                    .forEach(entry ->
                            triggers.put(entry.getKey(), entry.getValue().asText()));
            return triggers;
        } catch (IllegalArgumentException e) {
            return Map.of();
        }
    }

    private static Map<String, Object> content(TrainingJob job) {
        return StepManifest.of(job, located(job.getSpec(), ClaimUri::mounted));
    }

    /** The specification with its locations as somebody else sees them. */
    private static TrainingJobSpec located(TrainingJobSpec spec, UnaryOperator<String> location) {
        return new TrainingJobSpec(
                spec.model(),
                spec.triggers(),
                spec.concurrencyPolicy(),
                located(spec.dataset(), location),
                spec.hyperparameters(),
                spec.sweep(),
                spec.trainer(),
                spec.retries(),
                spec.retryDelay(),
                spec.activeDeadline(),
                spec.evaluation(),
                spec.register(),
                spec.registeredVersionTemplate(),
                spec.tracking(),
                spec.artifactStore(),
                spec.owner(),
                spec.runHistoryLimit(),
                spec.suspend());
    }

    private static Dataset located(Dataset dataset, UnaryOperator<String> location) {
        var entities = dataset.entities();
        return new Dataset(
                entities == null || entities.uri() == null
                        ? entities
                        : new Dataset.Entities(
                                location.apply(entities.uri()),
                                entities.feedback(),
                                entities.timestampColumn(),
                                entities.labelColumn()),
                dataset.featureViews(),
                dataset.uri() == null ? null : location.apply(dataset.uri()),
                dataset.secretRef(),
                dataset.labelColumn(),
                dataset.timestampColumn(),
                dataset.window(),
                dataset.validation(),
                dataset.split());
    }
}
