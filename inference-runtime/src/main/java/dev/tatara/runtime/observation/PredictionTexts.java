package dev.tatara.runtime.observation;

import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.OnnxValue.Mapping;
import dev.tatara.onnx.OnnxValue.Numbers;
import dev.tatara.onnx.OnnxValue.Sequence;
import dev.tatara.onnx.OnnxValue.Strings;
import dev.tatara.onnx.OutputRoles;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.model.ClassNames;
import java.nio.charset.StandardCharsets;

/**
 * Predictions as texts that labels are compared with. A class is called as {@code /predict} calls it; beside it stands
 * what the model itself says, so that a label of a client that knows no names is found too.
 */
final class PredictionTexts {
    private final OutputRoles roles;
    private final ClassNames classes;

    PredictionTexts(OutputRoles roles, ClassNames classes) {
        this.roles = roles;
        this.classes = classes;
    }

    /**
     * One row's prediction.
     *
     * @param prediction the name of the class where it has one, else as {@code raw}; empty where the client asked for
     *     none of the outputs that tell
     * @param raw the model's own label; without one the position of the highest value, or the only value. The name
     *     where the own label is what another class is called, so that equal to one of both means right
     * @param score the highest probability or value; NaN where the client asked for neither
     */
    record Told(String prediction, String raw, double score) {
        static final Told NOTHING = new Told("", "", Double.NaN);
    }

    /** The predictions of an answer, row by row. */
    final class Answered {
        private final OnnxValue label;
        private final OnnxValue scores;
        private final int rows;

        private Answered(OnnxValue label, OnnxValue scores, int rows) {
            this.label = label;
            this.scores = scores;
            this.rows = rows;
        }

        Told row(int row) {
            Scores own = scores(row);
            if (label != null) {
                String raw = text(label, row);
                return raw == null ? Told.NOTHING : told(classes.of(label, row, scores, rows), raw, own.score());
            }
            if (own.width() == 0) {
                return Told.NOTHING;
            }
            if (own.width() == 1) {
                return told(null, number(own.numbers(), own.best()), own.score());
            }
            int position = (int) (own.best() - own.from());
            String name = classes.fit(own.width()) ? classes.names().get(position) : null;
            return told(name, Integer.toString(position), own.score());
        }

        private Scores scores(int row) {
            if (scores instanceof Numbers all && all.size() % rows == 0) {
                long width = all.size() / rows;
                return Scores.of(all, row * width, width);
            }
            if (scores instanceof Sequence sequence
                    && sequence.elements().size() == rows
                    && sequence.elements().get(row) instanceof Mapping(OnnxValue keys, Numbers values)) {
                return Scores.of(values, 0, values.size());
            }
            return Scores.NONE;
        }
    }

    /** A row's numbers, and where the highest of them is. */
    private record Scores(Numbers numbers, long from, long width, long best) {
        static final Scores NONE = new Scores(null, 0, 0, 0);

        static Scores of(Numbers numbers, long from, long width) {
            long best = from;
            for (long i = from + 1; i < from + width; i++) {
                best = Elements.asDouble(numbers, i) > Elements.asDouble(numbers, best) ? i : best;
            }
            return new Scores(numbers, from, width, best);
        }

        double score() {
            return width == 0 ? Double.NaN : Elements.asDouble(numbers, best);
        }
    }

    /** What an answer predicts, valid as long as the answer. */
    Answered of(InferenceRequest request, InferenceAnswer answer) {
        OnnxValue label = asked(request, answer, roles.label());
        OnnxValue scores = asked(request, answer, label == null ? roles.value() : roles.probabilities());
        return new Answered(label, scores, (int) request.rows());
    }

    private static OnnxValue asked(InferenceRequest request, InferenceAnswer answer, int output) {
        int[] asked = request.outputs();
        for (int i = 0; i < asked.length; i++) {
            if (asked[i] == output) {
                return answer.output(i);
            }
        }
        return null;
    }

    private Told told(String name, String raw, double score) {
        if (name == null) {
            return new Told(raw, raw, score);
        }
        return new Told(name, classes.has(raw) ? name : raw, score);
    }

    private static String text(OnnxValue label, int row) {
        return switch (label) {
            case Strings strings ->
                row < strings.elements().size()
                        ? new String(strings.elements().get(row), StandardCharsets.UTF_8)
                        : null;
            case Numbers numbers -> row < numbers.size() ? number(numbers, row) : null;
            case Sequence sequence -> null;
            case Mapping mapping -> null;
        };
    }

    /** As JSON writes it, and NaN and the infinities by their names. */
    private static String number(Numbers numbers, long index) {
        return switch (numbers.datatype()) {
            case FP32, FP16, BF16 -> Float.toString((float) Elements.asDouble(numbers, index));
            case FP64 -> Double.toString(Elements.asDouble(numbers, index));
            case UINT64 -> Long.toUnsignedString(Elements.asLong(numbers, index));
            case BOOL -> Boolean.toString(Elements.asLong(numbers, index) != 0);
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> Long.toString(Elements.asLong(numbers, index));
            case BYTES, SEQUENCE, MAP, OTHER ->
                throw new IllegalArgumentException(numbers.datatype() + " is no number");
        };
    }
}
