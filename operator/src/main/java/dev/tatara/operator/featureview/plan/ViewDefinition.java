package dev.tatara.operator.featureview.plan;

import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec;
import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec.Entity;
import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec.Feature;
import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec.Materialization;
import dev.tatara.api.v1alpha1.featureview.Source;
import dev.tatara.api.v1alpha1.featureview.Source.Http;
import dev.tatara.api.v1alpha1.featureview.Source.Jdbc;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.Digests;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.steps.StepManifest;
import dev.tatara.operator.steps.StoreAccess;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The view as a step reads it: its YAML without what doesn't matter for computing (descriptions, owner, tags, the
 * schedule), in a ConfigMap that is named by its content and never changed.
 */
public final class ViewDefinition {
    /** The file inside the ConfigMap. */
    static final String FILE = "view.yaml";

    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private ViewDefinition() {}

    /**
     * Digest of what decides the rows and where they go. When it changes, rows that were computed before are no longer
     * what the view describes.
     */
    static String digest(FeatureView view, StoreAccess store) {
        var spec = view.getSpec();
        var online =
                isOnline(spec) ? Arrays.asList(projectOf(view), spec.online().redis()) : List.of();
        var features = spec.features().stream()
                .map(feature -> Arrays.asList(feature.name(), feature.type(), feature.defaultValue()))
                .toList();
        return Digests.of(List.of(entities(spec), features, withoutSecrets(spec.source()), online, store.uri()), 16);
    }

    /** The view as a step reads it. */
    public static String yaml(FeatureView view) {
        return YAML.asYaml(content(view));
    }

    /** The ConfigMap for the view as it is now. */
    static ConfigMap render(FeatureView view) {
        var yaml = yaml(view);
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(view.getMetadata().getName() + "-definition-" + Digests.of(yaml, 10))
                .withNamespace(view.getMetadata().getNamespace())
                .withLabels(Labels.of(view, "tatara-steps", MaterializationJob.COMPONENT))
                .withOwnerReferences(Owners.controller(view))
                .endMetadata()
                .withImmutable(true)
                .addToData(FILE, yaml)
                .build();
    }

    static boolean isOnline(FeatureViewSpec spec) {
        return spec.online() != null
                && Boolean.TRUE.equals(spec.online().enabled())
                && spec.online().redis() != null;
    }

    private static Map<String, Object> content(FeatureView view) {
        return StepManifest.of(view, spec(view.getSpec()));
    }

    private static FeatureViewSpec spec(FeatureViewSpec spec) {
        return new FeatureViewSpec(
                null,
                entities(spec),
                features(spec),
                spec.ttl(),
                mounted(spec.source()),
                spec.checks(),
                materialization(spec.materialization()),
                spec.online(),
                null,
                spec.snapshots(),
                spec.engine(),
                null,
                null,
                Map.of());
    }

    private static Materialization materialization(Materialization all) {
        return all == null || (all.mode() == null && all.lookback() == null)
                ? null
                : new Materialization(null, all.mode(), all.lookback(), null);
    }

    private static List<Entity> entities(FeatureViewSpec spec) {
        return spec.entities().stream()
                .map(entity -> new Entity(entity.name(), entity.joinKey(), entity.type(), null))
                .toList();
    }

    private static List<Feature> features(FeatureViewSpec spec) {
        return spec.features().stream()
                .map(feature ->
                        new Feature(feature.name(), feature.type(), null, feature.defaultValue(), feature.sensitive()))
                .toList();
    }

    /** The source as the pod sees it: what lies in a claim lies below the folder where that is mounted. */
    private static Source mounted(Source source) {
        return source.uri() == null
                ? source
                : new Source(
                        ClaimUri.mounted(source.uri()),
                        source.format(),
                        source.secretRef(),
                        source.jdbc(),
                        source.http(),
                        source.timestampColumn(),
                        source.createdTimestampColumn(),
                        source.fieldMapping(),
                        source.sql());
    }

    private static Source withoutSecrets(Source source) {
        var jdbc = source.jdbc();
        var http = source.http();
        return new Source(
                source.uri(),
                source.format(),
                null,
                jdbc == null ? null : new Jdbc(jdbc.url(), jdbc.query(), null),
                http == null ? null : new Http(http.url(), http.format(), http.headers(), http.paging(), null),
                source.timestampColumn(),
                source.createdTimestampColumn(),
                source.fieldMapping(),
                source.sql());
    }

    private static String projectOf(FeatureView view) {
        var project = view.getSpec().online().project();
        return project == null ? view.getMetadata().getNamespace() : project;
    }
}
