package dev.tatara.runtime.plain;

import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.OutputRoles;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.json.ValueWriter;
import dev.tatara.runtime.model.ClassNames;
import dev.tatara.runtime.model.ServedModel;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Writes the answers of {@code /predict} and {@code /predict/batch}. */
public final class PredictionWriter {
    private static final double SUM_TOLERANCE = 1e-3;
    private static final double NANOS_PER_MICRO = 1_000.0;

    private final ServedModel model;
    private final int[] outputs;
    private final boolean labelled;
    private final boolean perClass;
    private final ClassNames classes;

    public PredictionWriter(ServedModel model) {
        this.model = model;
        classes = new ClassNames(model.facts().classes());
        OutputRoles roles = model.roles();
        labelled = roles.label() >= 0;
        perClass = roles.probabilities() >= 0;
        if (labelled) {
            outputs = perClass ? new int[] {roles.label(), roles.probabilities()} : new int[] {roles.label()};
        } else {
            outputs = new int[] {Math.max(0, roles.value())};
        }
    }

    /** The outputs that the answer is written from. */
    public int[] outputs() {
        return outputs;
    }

    public void one(InferenceAnswer answer, String requestId, long latencyNanos, JsonBytes out) {
        out.raw('{');
        row(answer, 0, 1, out);
        out.raw(",\"model_version\":").string(model.version());
        out.raw(",\"request_id\":").string(requestId == null ? madeUp() : requestId);
        out.raw(",\"latency_ms\":").number(millis(latencyNanos)).raw('}');
    }

    public void batch(InferenceAnswer answer, int rows, String requestId, long latencyNanos, JsonBytes out) {
        out.raw("{\"predictions\":[");
        for (int i = 0; i < rows; i++) {
            out.raw(i == 0 ? "{" : ",{");
            row(answer, i, rows, out);
            out.raw('}');
        }
        out.raw("],\"count\":").number(rows);
        out.raw(",\"model_version\":").string(model.version());
        out.raw(",\"request_id\":").string(requestId == null ? madeUp() : requestId);
        out.raw(",\"total_latency_ms\":").number(millis(latencyNanos)).raw('}');
    }

    private static double millis(long nanos) {
        return Math.round(nanos / NANOS_PER_MICRO) / 1_000.0;
    }

    private static String madeUp() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return Long.toHexString(random.nextLong() | Long.MIN_VALUE)
                + Long.toHexString(random.nextLong() | Long.MIN_VALUE);
    }

    private void row(InferenceAnswer answer, int row, int rows, JsonBytes out) {
        OnnxValue first = answer.output(0);
        if (labelled) {
            out.raw("\"prediction\":");
            OnnxValue perRow = perClass ? answer.output(1) : null;
            String name = classes.of(first, row, perRow, rows);
            if (name != null) {
                out.string(name);
            } else {
                ValueWriter.element(first, row, out);
            }
            if (perRow != null) {
                probabilities(perRow, row, rows, out);
            }
        } else {
            switch (first) {
                case OnnxValue.Numbers numbers -> numbers(numbers, row, rows, out);
                case OnnxValue.Strings strings -> strings(strings, row, rows, out);
                case OnnxValue.Sequence sequence -> ValueWriter.element(sequence, row, out.raw("\"prediction\":"));
                case OnnxValue.Mapping mapping -> ValueWriter.write(mapping, out.raw("\"prediction\":"));
            }
        }
    }

    /** A string, or all of the row's. */
    private static void strings(OnnxValue.Strings strings, int row, int rows, JsonBytes out) {
        int perRow = strings.elements().size() / rows;
        out.raw("\"prediction\":");
        if (perRow == 1) {
            ValueWriter.element(strings, row, out);
        } else {
            ValueWriter.elements(strings, (long) row * perRow, (row + 1L) * perRow, out);
        }
    }

    private void probabilities(OnnxValue values, int row, int rows, JsonBytes out) {
        switch (values) {
            case OnnxValue.Numbers numbers -> {
                long perRow = numbers.size() / rows;
                probabilities(numbers, row * perRow, (row + 1) * perRow, out);
            }
            case OnnxValue.Sequence sequence
            when row < sequence.elements().size() -> {
                OnnxValue element = sequence.elements().get(row);
                if (element instanceof OnnxValue.Mapping(OnnxValue keys, OnnxValue.Numbers probabilities)
                        && probabilities.size() > 0) {
                    out.raw(",\"probability\":");
                    Elements.write(probabilities, position(probabilities, 0, probabilities.size()), out);
                }
                out.raw(",\"probabilities\":");
                if (element instanceof OnnxValue.Mapping(OnnxValue.Numbers keys, OnnxValue.Numbers byKey)
                        && classes.fit(byKey.size())) {
                    named(byKey, 0, out);
                } else {
                    ValueWriter.write(element, out);
                }
            }
            case OnnxValue.Sequence shorter -> {}
            case OnnxValue.Strings strings -> {}
            case OnnxValue.Mapping mapping -> {}
        }
    }

    private void probabilities(OnnxValue.Numbers numbers, long from, long to, JsonBytes out) {
        if (from == to) {
            return;
        }
        out.raw(",\"probability\":");
        Elements.write(numbers, position(numbers, from, to), out);
        out.raw(",\"probabilities\":");
        if (classes.fit(to - from)) {
            named(numbers, from, out);
        } else {
            Elements.write(numbers, from, to, out.raw('['));
            out.raw(']');
        }
    }

    private void named(OnnxValue.Numbers probabilities, long from, JsonBytes out) {
        List<String> names = classes.names();
        for (int i = 0; i < names.size(); i++) {
            out.raw(i == 0 ? '{' : ',').string(names.get(i)).raw(':');
            Elements.write(probabilities, from + i, out);
        }
        out.raw('}');
    }

    /** A number, a class if the row is a distribution over classes, else all of the row's numbers. */
    private void numbers(OnnxValue.Numbers numbers, int row, int rows, JsonBytes out) {
        long perRow = numbers.size() / rows;
        long from = row * perRow;
        long to = from + perRow;
        out.raw("\"prediction\":");
        if (perRow == 1) {
            Elements.write(numbers, from, out);
        } else if (isDistribution(numbers, from, to)) {
            long best = position(numbers, from, to) - from;
            if (classes.fit(perRow)) {
                out.string(classes.names().get((int) best));
            } else {
                out.number(best);
            }
            probabilities(numbers, from, to, out);
        } else {
            out.raw('[');
            Elements.write(numbers, from, to, out);
            out.raw(']');
        }
    }

    private static boolean isDistribution(OnnxValue.Numbers numbers, long from, long to) {
        double sum = 0;
        for (long i = from; i < to; i++) {
            double value = Elements.asDouble(numbers, i);
            if (!(value >= 0 && value <= 1 + SUM_TOLERANCE)) {
                return false;
            }
            sum += value;
        }
        return to - from >= 2 && numbers.shape().length == 2 && Math.abs(sum - 1) <= SUM_TOLERANCE;
    }

    private static long position(OnnxValue.Numbers numbers, long from, long to) {
        long best = from;
        for (long i = from + 1; i < to; i++) {
            if (Elements.asDouble(numbers, i) > Elements.asDouble(numbers, best)) {
                best = i;
            }
        }
        return best;
    }
}
