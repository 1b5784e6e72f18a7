package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.modelversion.FeatureColumn;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** Names in a model's signature that the serving image can make use of. */
final class SignatureNames {
    /** What means something in a list of settings, and names that would not come back from there as they are. */
    private static final Pattern UNSPEAKABLE = Pattern.compile("[,\\\\$\\p{Cntrl}]|^\\s|\\s$|^$");

    private SignatureNames() {}

    /** The columns of the only input in their order; empty unless every one from the first on has a name. */
    static List<String> features(ModelVersionStatus status) {
        var signature = status.signature();
        if (signature == null || signature.inputs().size() != 1) {
            return List.of();
        }
        List<FeatureColumn> columns = signature.inputs().getFirst().features().stream()
                .sorted(Comparator.comparing(FeatureColumn::index))
                .toList();
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).index() != i) {
                return List.of();
            }
        }
        return speakable(columns.stream().map(FeatureColumn::name).toList());
    }

    /** The classes, in the order of the model's probabilities. */
    static List<String> classes(ModelVersionStatus status) {
        return speakable(status.classes());
    }

    private static List<String> speakable(List<String> names) {
        return names.stream().anyMatch(name -> UNSPEAKABLE.matcher(name).find()) ? List.of() : names;
    }
}
