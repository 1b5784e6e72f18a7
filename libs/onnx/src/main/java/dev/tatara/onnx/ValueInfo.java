package dev.tatara.onnx;

import java.util.List;
import java.util.Objects;

/**
 * An input or output of a model.
 *
 * @param name its name in the ONNX graph
 * @param datatype type of the elements, or what kind of value it is instead of a tensor
 * @param shape one entry per dimension, −1 where it is dynamic; empty for a scalar and for what isn't a tensor
 */
public record ValueInfo(String name, Datatype datatype, List<Long> shape) {
    public ValueInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(datatype, "datatype");
        shape = List.copyOf(shape);
    }
}
