package dev.tatara.operator.inferenceservice.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec;
import dev.tatara.api.v1alpha1.featureview.ValueType;
import java.util.List;

/**
 * As much of a FeatureView as pods need to look its features up. Part of what makes a revision: pods read what was written
 * under the definition that they were rendered with, whatever becomes of the view. Its JSON is the runtime's
 * {@code features.json}.
 *
 * @param project the project in the store's keys
 * @param ttl as ISO 8601 has it; null for ever
 * @param store the Secret that says where Redis is
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record LookedUpView(
        String name, String project, String ttl, String store, List<JoinKey> joinKeys, List<Feature> features) {
    public LookedUpView {
        joinKeys = joinKeys == null ? List.of() : List.copyOf(joinKeys);
        features = features == null ? List.of() : List.copyOf(features);
    }

    /** A column that holds a part of the entity's key. */
    public record JoinKey(String name, ValueType type) {}

    /**
     * A feature.
     *
     * @param defaultValue as the view has it written; null for none
     * @param sensitive whether its values stay out of logs
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Feature(
            String name,
            ValueType type,
            @JsonProperty("default") String defaultValue,
            Boolean sensitive) {}

    static LookedUpView of(FeatureView view) {
        var spec = view.getSpec();
        var online = spec.online();
        return new LookedUpView(
                view.getMetadata().getName(),
                online.project() == null ? view.getMetadata().getNamespace() : online.project(),
                spec.ttl() == null || spec.ttl().toDuration().isZero()
                        ? null
                        : spec.ttl().toDuration().toString(),
                online.redis().secretRef().name(),
                spec.entities().stream().map(LookedUpView::joinKey).toList(),
                spec.features().stream().map(LookedUpView::feature).toList());
    }

    private static JoinKey joinKey(FeatureViewSpec.Entity entity) {
        return new JoinKey(entity.joinKey() == null ? entity.name() : entity.joinKey(), entity.type());
    }

    private static Feature feature(FeatureViewSpec.Feature feature) {
        return new Feature(
                feature.name(),
                feature.type(),
                feature.defaultValue(),
                Boolean.TRUE.equals(feature.sensitive()) ? true : null);
    }
}
