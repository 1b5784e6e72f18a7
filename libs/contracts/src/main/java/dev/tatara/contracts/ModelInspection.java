package dev.tatara.contracts;

import java.util.Map;

/**
 * What {@code inspect-model} found out about a model file.
 *
 * @param digest {@code sha256:} and 64 lower-case hexadecimal digits, of the bytes that were inspected
 * @param sizeBytes length of the file in bytes
 * @param uri where verification put the bytes: {@code <artifact store>/models/sha256/<hex>}
 * @param opset version of the default ONNX operator set that the model imports
 * @param signature inputs and outputs; cut to the first few of each where {@code signatureTruncated} says so
 * @param signatureTruncated whether tensors were left out so that the result fits a termination message
 * @param measurements what the inspection measured, by metric name ({@code latencyP99Millis}: one row, one thread)
 */
public record ModelInspection(
        String digest,
        long sizeBytes,
        String uri,
        Integer opset,
        ModelSignature signature,
        boolean signatureTruncated,
        Map<String, Double> measurements) {
    public ModelInspection {
        measurements = measurements == null ? Map.of() : Map.copyOf(measurements);
    }
}
