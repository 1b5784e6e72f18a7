package dev.tatara.steps.join;

import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.definitions.ViewParts;
import dev.tatara.steps.join.FeatureTable.Feature;
import dev.tatara.steps.join.FeatureTable.JoinKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A view that features are wanted of.
 *
 * @param namespace namespace of the view
 * @param table its rows, of which no file is known yet
 */
record ViewDefinition(String namespace, FeatureTable table) {

    /**
     * What the command line says of a view.
     *
     * @param file its definition
     * @param features the features wanted; none: all of them
     */
    record Wanted(Path file, List<String> features) {
        Wanted {
            features = List.copyOf(features);
        }

        /** Reads {@code FILE} or {@code FILE=feature,feature}. */
        static Wanted parse(String text) {
            var equals = text.lastIndexOf('=');
            if (equals < 0 || Files.exists(Path.of(text))) {
                return new Wanted(Path.of(text), List.of());
            }
            var features = Arrays.stream(text.substring(equals + 1).split(","))
                    .map(String::strip)
                    .filter(feature -> !feature.isEmpty())
                    .toList();
            return new Wanted(Path.of(text.substring(0, equals)), features);
        }
    }

    /** Reads a view's definition with all its features. */
    static Definition<FeatureViewSpec> read(Path file) throws StepFailure {
        return Definition.read(file, "FeatureView", FeatureViewSpec.class);
    }

    /**
     * What a definition means for a join.
     *
     * @param names the features wanted; none: all of them
     */
    static ViewDefinition of(Definition<FeatureViewSpec> view, List<String> names) throws StepFailure {
        var spec = view.spec();
        var parts = new ViewParts(view);
        if (spec.entities() == null
                || spec.entities().isEmpty()
                || spec.features() == null
                || spec.features().isEmpty()) {
            throw parts.invalid("it needs entities and features");
        }
        var time = parts.timestampColumn();
        var keys = new ArrayList<JoinKey>();
        for (var entity : spec.entities()) {
            keys.add(new JoinKey(ViewParts.joinKey(entity), parts.type(entity)));
        }
        var features = new ArrayList<Feature>();
        for (var feature : chosen(view, names)) {
            features.add(new Feature(feature.name(), parts.type(feature), feature.defaultValue()));
        }
        var table = new FeatureTable(
                view.name(), keys, time, spec.source().createdTimestampColumn(), parts.ttl(), features, List.of());
        return new ViewDefinition(view.namespace(), table);
    }

    private static List<FeatureViewSpec.Feature> chosen(Definition<FeatureViewSpec> view, List<String> names)
            throws StepFailure {
        if (names.isEmpty()) {
            return view.spec().features();
        }
        var chosen = new ArrayList<FeatureViewSpec.Feature>();
        for (var name : names) {
            chosen.add(view.spec().features().stream()
                    .filter(feature -> name.equals(feature.name()))
                    .findFirst()
                    .orElseThrow(() -> ViewParts.invalid(
                            view.name(),
                            "it has no feature %s, but %s"
                                    .formatted(
                                            name,
                                            view.spec().features().stream()
                                                    .map(FeatureViewSpec.Feature::name)
                                                    .toList()))));
        }
        return chosen;
    }
}
