package dev.tatara.contracts;

import java.util.List;
import java.util.Objects;

/**
 * One input or output of a model, in the terms of the Open Inference Protocol V2.
 *
 * @param name the tensor's name in the ONNX graph
 * @param datatype FP32, INT64, BYTES, ... as the protocol names them; SEQUENCE or MAP for ONNX values that the
 *     protocol has no tensor for
 * @param shape one entry per dimension; −1 where it is dynamic
 */
public record TensorSpec(String name, String datatype, List<Long> shape) {
    public TensorSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(datatype, "datatype");
        shape = List.copyOf(shape);
    }
}
