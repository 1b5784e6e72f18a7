package dev.tatara.contracts;

import java.util.List;

/** The inputs and outputs of a model, in the order of the ONNX graph. */
public record ModelSignature(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    public ModelSignature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
