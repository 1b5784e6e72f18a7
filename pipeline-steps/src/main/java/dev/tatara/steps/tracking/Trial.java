package dev.tatara.steps.tracking;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.api.v1alpha1.trainingjob.Sweep;
import dev.tatara.api.v1alpha1.trainingjob.Sweep.Objective.Goal;
import dev.tatara.mlflow.RunStatus;
import dev.tatara.steps.StepFailure;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * A trial of a sweep, as the operator remembers it.
 *
 * @param number its number
 * @param parameters what was tried
 * @param state how it ended
 * @param value the objective; {@code null} where there is none
 * @param why the reason in words; {@code null} without one
 */
record Trial(long number, JsonNode parameters, String state, Double value, String why) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_BYTES = 64 << 20;

    /** All trials of a file: a list, or an object with one under {@code trials}; gzipped or not. */
    static List<Trial> read(Path file) throws StepFailure {
        try (var in = opened(file)) {
            var tree = JSON.readTree(in.readNBytes(MAX_BYTES));
            var list = tree.isObject() ? tree.path("trials") : tree;
            if (!list.isArray()) {
                throw malformed(file, "expected a list of trials", null);
            }
            var trials = new ArrayList<Trial>();
            for (var node : list) {
                var number = first(node, "trial", "number");
                if (!number.isIntegralNumber()) {
                    throw malformed(file, "expected trials with a number", null);
                }
                trials.add(of(number.asLong(), node));
            }
            return trials;
        } catch (JacksonException e) {
            throw malformed(file, e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw malformed(file, e.toString(), e);
        }
    }

    private static InputStream opened(Path file) throws IOException {
        var in = new BufferedInputStream(Files.newInputStream(file));
        in.mark(2);
        var gzipped = in.read() == 0x1f && in.read() == 0x8b;
        in.reset();
        return gzipped ? new GZIPInputStream(in) : in;
    }

    private static Trial of(long number, JsonNode node) {
        var value = first(node, "value");
        var why = first(node, "why", "message");
        return new Trial(
                number,
                first(node, "parameters"),
                first(node, "state", "phase").asText(""),
                value.isNumber() && Double.isFinite(value.asDouble()) ? value.asDouble() : null,
                why.isTextual() ? why.asText() : null);
    }

    private static JsonNode first(JsonNode node, String... names) {
        for (var name : names) {
            if (node.hasNonNull(name)) {
                return node.get(name);
            }
        }
        return node.path(names[0]);
    }

    private static StepFailure malformed(Path file, String what, Exception e) {
        return StepFailure.failed(Reasons.INVALID_DEFINITION, "--trials " + file + ": " + what, e);
    }

    /** The best first, those without a value last. */
    static List<Trial> ranked(List<Trial> trials, Sweep sweep) {
        var minimize =
                sweep != null && sweep.objective() != null && sweep.objective().goal() == Goal.Minimize;
        Comparator<Double> better = minimize ? Comparator.naturalOrder() : Comparator.reverseOrder();
        return trials.stream()
                .sorted(Comparator.comparing(Trial::value, Comparator.nullsLast(better))
                        .thenComparing(Trial::number))
                .toList();
    }

    /** The best of those that ended well. */
    static Optional<Trial> best(List<Trial> ranked) {
        return ranked.stream()
                .filter(trial -> trial.value() != null && trial.status() == RunStatus.FINISHED)
                .findFirst();
    }

    /** How it ended, in MLflow's word. */
    RunStatus status() {
        var word = state.toLowerCase(Locale.ROOT);
        if (word.startsWith("succeed") || word.startsWith("complete") || word.startsWith("finish")) {
            return RunStatus.FINISHED;
        }
        return word.startsWith("fail") || word.startsWith("diverge") ? RunStatus.FAILED : RunStatus.KILLED;
    }
}
