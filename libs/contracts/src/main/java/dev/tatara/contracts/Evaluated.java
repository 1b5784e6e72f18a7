package dev.tatara.contracts;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What {@code evaluate} found out about a model.
 *
 * @param task Classification or Regression
 * @param rows rows that the model was judged on
 * @param modelSha256 digest of the model's file, 64 hexadecimal digits
 * @param testSha256 digest of the test data's file, 64 hexadecimal digits
 * @param metrics by name; only those that are numbers
 * @param undefined metrics that were asked for and have no value, with the reason
 * @param gates all gates
 * @param gatesFailed how many of them don't hold
 * @param inputs names of the features of each input of the model, in the model's order
 * @param classes the model's classes in the order of its probabilities; empty where there are none
 * @param metricsFile everything that was measured, as JSON
 * @param profile sketches of features and predictions, which drift is compared with
 * @param card the model card, HTML
 * @param truncated whether something was left out so that the result fits a termination message
 */
public record Evaluated(
        String task,
        long rows,
        String modelSha256,
        String testSha256,
        Map<String, Double> metrics,
        Map<String, String> undefined,
        List<GateVerdict> gates,
        int gatesFailed,
        List<Input> inputs,
        List<String> classes,
        Artifact metricsFile,
        Artifact profile,
        Artifact card,
        boolean truncated) {
    private static final int LONGEST_REASON = 120;
    /** What a termination message of 4096 bytes has left for names beside addresses and digests. */
    private static final int MOST_BYTES_OF_NAMES = 2600;
    /** Two quotes and a comma. */
    private static final int NAME_IN_JSON = 3;

    public Evaluated {
        metrics = inOrder(metrics);
        undefined = inOrder(undefined);
        gates = gates == null ? List.of() : List.copyOf(gates);
        inputs = inputs == null ? List.of() : List.copyOf(inputs);
        classes = classes == null ? List.of() : List.copyOf(classes);
    }

    private static <V> Map<String, V> inOrder(Map<String, V> map) {
        return map == null ? Map.of() : java.util.Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /**
     * A file that the step wrote.
     *
     * @param uri where it lies
     * @param sha256 64 hexadecimal digits
     */
    public record Artifact(String uri, String sha256) {}

    /**
     * The features of one input of the model.
     *
     * @param name the input's name in the ONNX graph
     * @param features their names, in the model's order
     */
    public record Input(String name, List<String> features) {
        public Input {
            features = List.copyOf(features);
        }
    }

    /**
     * The same in fewer bytes: first without the gates that hold, then with shorter reasons of the others, then with
     * fewer of them, then without what is undefined, then with fewer metrics, and last without names of features and
     * classes, which the registered version can't be without. Names that nobody registers, as a gate doesn't hold, or
     * that wouldn't fit with all the rest left out, go first.
     *
     * @return nothing where only what is always needed is left
     */
    public Optional<Evaluated> shorter() {
        if (hasNames() && (gatesFailed > 0 || bytesOfNames() > MOST_BYTES_OF_NAMES)) {
            return Optional.of(withoutNames());
        }
        var failed = gates.stream().filter(gate -> !gate.holds()).toList();
        if (failed.size() < gates.size()) {
            return Optional.of(with(metrics, undefined, failed, inputs, classes));
        }
        if (gates.stream().anyMatch(Evaluated::isLong)) {
            return Optional.of(with(
                    metrics, undefined, gates.stream().map(Evaluated::shorter).toList(), inputs, classes));
        }
        if (!gates.isEmpty()) {
            return Optional.of(with(metrics, undefined, gates.subList(0, gates.size() / 2), inputs, classes));
        }
        if (!undefined.isEmpty()) {
            return Optional.of(with(metrics, Map.of(), gates, inputs, classes));
        }
        if (!metrics.isEmpty()) {
            var some = new ArrayList<>(metrics.entrySet()).subList(0, metrics.size() / 2);
            var fewer = new LinkedHashMap<String, Double>();
            some.forEach(entry -> fewer.put(entry.getKey(), entry.getValue()));
            return Optional.of(with(fewer, undefined, gates, inputs, classes));
        }
        return hasNames() ? Optional.of(withoutNames()) : Optional.empty();
    }

    private boolean hasNames() {
        return !inputs.isEmpty() || !classes.isEmpty();
    }

    private long bytesOfNames() {
        return Stream.concat(inputs.stream().flatMap(input -> input.features().stream()), classes.stream())
                .mapToLong(name -> name.getBytes(StandardCharsets.UTF_8).length + NAME_IN_JSON)
                .sum();
    }

    private Evaluated withoutNames() {
        return with(metrics, undefined, gates, List.of(), List.of());
    }

    private static boolean isLong(GateVerdict gate) {
        return gate.reason() != null && gate.reason().length() > LONGEST_REASON;
    }

    private static GateVerdict shorter(GateVerdict gate) {
        return !isLong(gate)
                ? gate
                : new GateVerdict(
                        gate.gate(),
                        gate.metric(),
                        gate.slice(),
                        gate.value(),
                        gate.min(),
                        gate.max(),
                        gate.holds(),
                        gate.missedBy(),
                        gate.reason().substring(0, LONGEST_REASON - 1) + "…");
    }

    private Evaluated with(
            Map<String, Double> fewerMetrics,
            Map<String, String> fewerUndefined,
            List<GateVerdict> fewerGates,
            List<Input> fewerInputs,
            List<String> fewerClasses) {
        return new Evaluated(
                task,
                rows,
                modelSha256,
                testSha256,
                fewerMetrics,
                fewerUndefined,
                fewerGates,
                gatesFailed,
                fewerInputs,
                fewerClasses,
                metricsFile,
                profile,
                card,
                true);
    }
}
