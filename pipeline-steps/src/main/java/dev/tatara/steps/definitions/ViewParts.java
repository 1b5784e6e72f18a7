package dev.tatara.steps.definitions;

import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec;
import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.steps.StepFailure;
import java.time.Duration;

/**
 * What steps need of a FeatureView's specification; what it lacks is a {@link StepFailure} with reason
 * InvalidDefinition.
 */
public record ViewParts(Definition<FeatureViewSpec> view) {
    private static final String INVALID_DEFINITION = "InvalidDefinition";

    /** Column with the time of a row. */
    public String timestampColumn() throws StepFailure {
        var source = view.spec().source();
        if (source == null || source.timestampColumn() == null) {
            throw invalid("source.timestampColumn is missing: the column with the time of a row");
        }
        return source.timestampColumn();
    }

    /** Column with an entity's key. */
    public static String joinKey(FeatureViewSpec.Entity entity) {
        return entity.joinKey() == null ? entity.name() : entity.joinKey();
    }

    /** Type of an entity's key. */
    public ValueType type(FeatureViewSpec.Entity entity) throws StepFailure {
        return known("entity " + entity.name(), entity.type());
    }

    /** Type of a feature's values. */
    public ValueType type(FeatureViewSpec.Feature feature) throws StepFailure {
        return known("feature " + feature.name(), feature.type());
    }

    /** How long a value counts; zero: for ever. */
    public Duration ttl() {
        var ttl = view.spec().ttl();
        return ttl == null ? Duration.ZERO : ttl.toDuration();
    }

    public StepFailure invalid(String why) {
        return invalid(view.name(), why);
    }

    /** That a view's definition makes no sense, and why. */
    public static StepFailure invalid(String view, String why) {
        return StepFailure.rejected(INVALID_DEFINITION, "FeatureView " + view + ": " + why);
    }

    private ValueType known(String what, ValueType type) throws StepFailure {
        if (type == null) {
            throw invalid(what + " has no type that this version knows");
        }
        return type;
    }
}
