package dev.tatara.steps.inspect;

import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.ModelSignature;
import java.util.Optional;

/** An inspection without the later half of its tensors. */
final class ShorterInspection {
    private ShorterInspection() {}

    static Optional<ModelInspection> of(ModelInspection full) {
        var signature = full.signature();
        if (signature.inputs().isEmpty() && signature.outputs().isEmpty()) {
            return Optional.empty();
        }
        // The longer of the two lists gives way first, so that a model of 500 inputs keeps its one output.
        var inputs = signature.inputs();
        var outputs = signature.outputs();
        if (inputs.size() >= outputs.size()) {
            inputs = inputs.subList(0, inputs.size() / 2);
        } else {
            outputs = outputs.subList(0, outputs.size() / 2);
        }
        return Optional.of(new ModelInspection(
                full.digest(),
                full.sizeBytes(),
                full.uri(),
                full.opset(),
                new ModelSignature(inputs, outputs),
                true,
                full.measurements()));
    }
}
