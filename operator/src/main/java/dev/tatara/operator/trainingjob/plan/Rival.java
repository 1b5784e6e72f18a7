package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.modelversion.FeatureColumn;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.operator.modelversion.plan.VersionOrder;
import dev.tatara.operator.steps.StoreAccess;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A version that a new model is compared with.
 *
 * @param word its stage as the step's options have it
 * @param uri where its verified bytes lie
 * @param features names of its features in its order; empty where they are unknown
 */
record Rival(String word, String uri, List<String> features) {
    /** The version in Production, and the one in Staging where a gate is about it. */
    static List<Rival> of(TrainingJobSpec spec, List<ModelVersion> versions, StoreAccess store) {
        var rivals = new ArrayList<Rival>();
        at(Stage.Production, spec, versions, store).ifPresent(rivals::add);
        var isAskedFor = spec.evaluation() != null
                && spec.evaluation().gates().stream()
                        .anyMatch(gate -> gate.notWorseThan() != null
                                && gate.notWorseThan().name().equals(Stage.Staging.name()));
        if (isAskedFor) {
            at(Stage.Staging, spec, versions, store).ifPresent(rivals::add);
        }
        return rivals;
    }

    private static Optional<Rival> at(
            Stage stage, TrainingJobSpec spec, List<ModelVersion> versions, StoreAccess store) {
        return versions.stream()
                .filter(version -> version.getSpec() != null
                        && spec.model().equals(version.getSpec().model()))
                .filter(version -> version.getStatus() != null
                        && version.getStatus().stage() == stage
                        && version.getStatus().uri() != null)
                // The run's pods can read their own store only.
                .filter(version -> version.getStatus().uri().startsWith(store.uri()))
                .max(Comparator.comparing(version -> version.getSpec().version(), VersionOrder.INSTANCE))
                .map(version -> new Rival(
                        stage.name().toLowerCase(Locale.ROOT),
                        version.getStatus().uri(),
                        featuresOf(version)));
    }

    private static List<String> featuresOf(ModelVersion version) {
        var signature = version.getStatus().signature();
        if (signature == null || signature.inputs().size() != 1) {
            return List.of();
        }
        var columns = signature.inputs().getFirst().features().stream()
                .sorted(Comparator.comparing(FeatureColumn::index))
                .toList();
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).index() != i) {
                return List.of();
            }
        }
        return columns.stream().map(FeatureColumn::name).toList();
    }
}
