package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.modelversion.FeatureColumn;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionSpec;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Signature;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Tensor;
import dev.tatara.api.v1alpha1.modelversion.Task;
import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Brings together what a file says about its inputs and outputs and what people add to it. */
final class Signatures {
    /** Bounds of the status' schema; what is beyond them is left out, and the signature says so. */
    private static final int MAX_TENSORS = 64;

    private static final int MAX_NAME = 256;
    private static final int MAX_RANK = 16;
    private static final int MAX_MEASUREMENTS = 64;
    private static final Set<String> LABELS = Set.of("INT64", "INT32", "BYTES", "BOOL");
    private static final Set<String> REALS = Set.of("FP16", "FP32", "FP64");

    private Signatures() {}

    static Signature of(ModelInspection inspection) {
        var signature = inspection.signature();
        if (signature == null) {
            return null;
        }
        var inputs = tensors(signature.inputs());
        var outputs = tensors(signature.outputs());
        var truncated = inspection.signatureTruncated()
                || inputs.size() < signature.inputs().size()
                || outputs.size() < signature.outputs().size();
        return new Signature(inputs, outputs, truncated ? true : null);
    }

    /** The file's signature with the features that the specification names. */
    static Signature withFeatures(Signature file, ModelVersionSpec.SignatureSpec named) {
        if (file == null) {
            return null;
        }
        Map<String, List<FeatureColumn>> features = named == null
                ? Map.of()
                : named.inputs().stream()
                        .collect(Collectors.toMap(
                                ModelVersionSpec.SignatureSpec.Input::name,
                                ModelVersionSpec.SignatureSpec.Input::features,
                                (first, second) -> first));
        var inputs = file.inputs().stream()
                .map(tensor -> new Tensor(
                        tensor.name(),
                        tensor.datatype(),
                        tensor.shape(),
                        features.getOrDefault(tensor.name(), List.of())))
                .toList();
        return new Signature(inputs, file.outputs(), file.truncated());
    }

    /**
     * What the model does: as the specification says, else by its outputs. A classifier's first output is a label, by
     * the convention of ONNX-ML's operators; a regressor's only output is one real number per row.
     */
    static Task task(Signature file, ModelVersionSpec.SignatureSpec named) {
        if (named != null && named.task() != null) {
            return named.task();
        }
        if (file == null || file.outputs().isEmpty()) {
            return null;
        }
        var first = file.outputs().getFirst();
        if (LABELS.contains(first.datatype())) {
            return Task.Classification;
        }
        var width = first.shape().size() < 2 ? 1 : first.shape().getLast();
        return file.outputs().size() == 1 && REALS.contains(first.datatype()) && width == 1
                ? Task.Regression
                : Task.Other;
    }

    /** What a status can hold of the measurements: JSON has no NaN. */
    static Map<String, Double> finite(Map<String, Double> measurements) {
        var kept = new TreeMap<String, Double>();
        new TreeMap<>(measurements).forEach((name, value) -> {
            if (value != null && Double.isFinite(value) && kept.size() < MAX_MEASUREMENTS) {
                kept.put(name, value);
            }
        });
        return kept;
    }

    private static List<Tensor> tensors(List<TensorSpec> specs) {
        return specs.stream()
                .filter(spec -> !spec.name().isEmpty()
                        && spec.name().length() <= MAX_NAME
                        && spec.shape().size() <= MAX_RANK)
                .limit(MAX_TENSORS)
                .map(spec -> new Tensor(spec.name(), spec.datatype(), spec.shape(), List.of()))
                .toList();
    }
}
