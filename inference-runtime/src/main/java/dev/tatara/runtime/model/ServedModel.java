package dev.tatara.runtime.model;

import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.OnnxModel;
import dev.tatara.onnx.OutputRoles;
import dev.tatara.onnx.ValueInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The model that this process serves, loaded and warmed up. */
public final class ServedModel implements AutoCloseable {
    private final String name;
    private final String version;
    private final String sha256;
    private final OnnxModel onnx;
    private final Batchability batchability;
    private final ModelFacts facts;
    private final String whyNotRepeatable;
    private final Map<String, Integer> inputs;
    private final Map<String, Integer> outputs;
    private final OutputRoles roles;

    /**
     * @param name the name clients use
     * @param version the version clients use
     * @param sha256 digest of the file, 64 hexadecimal digits
     * @param batchability whether rows may be run together and what runs take, found out while warming up
     */
    public ServedModel(String name, String version, String sha256, OnnxModel onnx, Batchability batchability) {
        this(name, version, sha256, onnx, batchability, ModelFacts.NONE);
    }

    /** As above, with what people said of the model. */
    public ServedModel(
            String name, String version, String sha256, OnnxModel onnx, Batchability batchability, ModelFacts facts) {
        this(name, version, sha256, onnx, batchability, facts, null);
    }

    /**
     * As above.
     *
     * @param whyNotRepeatable why the same request may be answered differently another time, null if it isn't
     */
    ServedModel(
            String name,
            String version,
            String sha256,
            OnnxModel onnx,
            Batchability batchability,
            ModelFacts facts,
            String whyNotRepeatable) {
        this.whyNotRepeatable = whyNotRepeatable;
        this.facts = facts;
        this.name = name;
        this.version = version;
        this.sha256 = sha256;
        this.onnx = onnx;
        this.batchability = batchability;
        inputs = positions(onnx.inputs());
        outputs = positions(onnx.outputs());
        roles = OutputRoles.of(onnx.outputs());
    }

    private static Map<String, Integer> positions(List<ValueInfo> values) {
        Map<String, Integer> positions = new HashMap<>();
        for (int i = 0; i < values.size(); i++) {
            positions.put(values.get(i).name(), i);
        }
        return Map.copyOf(positions);
    }

    public String name() {
        return name;
    }

    public String version() {
        return version;
    }

    public String sha256() {
        return sha256;
    }

    /** Whether rows of different requests may be run together, and what runs take. */
    public Batchability batchability() {
        return batchability;
    }

    /** Why the same request may be answered differently another time; empty if nobody looked or it isn't. */
    public Optional<String> whyNotRepeatable() {
        return Optional.ofNullable(whyNotRepeatable);
    }

    /** What people said of it. */
    public ModelFacts facts() {
        return facts;
    }

    public List<ValueInfo> inputs() {
        return onnx.inputs();
    }

    public List<ValueInfo> outputs() {
        return onnx.outputs();
    }

    /** Names of the columns of the only input, in order; empty where they have none, or not as many as there are columns. */
    public List<String> columns() {
        List<String> names = facts.features();
        if (names.isEmpty() || inputs().size() != 1) {
            return List.of();
        }
        List<Long> shape = inputs().getFirst().shape();
        boolean fits =
                shape.size() == 2 && shape.getFirst() <= 1 && (shape.getLast() < 0 || shape.getLast() == names.size());
        return fits ? names : List.of();
    }

    /** Which output answers what. */
    public OutputRoles roles() {
        return roles;
    }

    /**
     * The input's position in {@link #inputs()}, or −1.
     */
    public int input(String inputName) {
        return inputs.getOrDefault(inputName, -1);
    }

    /**
     * The output's position in {@link #outputs()}, or −1.
     */
    public int output(String outputName) {
        return outputs.getOrDefault(outputName, -1);
    }

    public OnnxCall newCall() {
        return onnx.newCall();
    }

    @Override
    public void close() {
        onnx.close();
    }
}
