package dev.tatara.runtime.observation;

import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.OnnxValue.Mapping;
import dev.tatara.onnx.OnnxValue.Numbers;
import dev.tatara.onnx.OnnxValue.Sequence;
import dev.tatara.onnx.OnnxValue.Strings;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.observation.TensorPlan.Columns;
import dev.tatara.runtime.observation.TensorPlan.Mode;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Counts the rows of one event loop's requests and copies the sampled ones out of native memory, a few dozen nanoseconds
 * each; the sketches are made elsewhere.
 */
final class RowSampler {
    private static final int LONGEST_TEXT = 256;

    private final Sketcher sketcher;
    private final TensorPlan[] inputs;
    private final TensorPlan[] outputs;
    private Block block;
    private long seen;
    private long toSkip;

    RowSampler(Sketcher sketcher) {
        this.sketcher = sketcher;
        inputs = sketcher.inputs();
        outputs = sketcher.outputs();
    }

    /** Takes what it likes of an answered request. */
    synchronized void answered(InferenceRequest request, InferenceAnswer answer) {
        long rows = request.rows();
        seen += rows;
        double stride = sketcher.stride();
        if (stride <= 1) {
            take(request, answer, rows, 0, rows);
        } else if (stride < Double.MAX_VALUE) {
            long at = toSkip;
            while (at < rows) {
                take(request, answer, rows, at, 1);
                // Anything from nearly 0 to twice the stride, so that no period in the traffic is met.
                at += 1 + (long) (ThreadLocalRandom.current().nextDouble() * 2 * (stride - 1) + 0.5);
            }
            toSkip = at - rows;
        }
    }

    /** Rows counted since the last call, and the block that isn't full yet, or null. */
    synchronized Handed hand() {
        Handed handed = new Handed(seen, block);
        seen = 0;
        block = null;
        return handed;
    }

    record Handed(long seen, Block block) {}

    private void take(InferenceRequest request, InferenceAnswer answer, long rows, long from, long count) {
        long at = from;
        while (at < from + count) {
            if (block == null) {
                block = sketcher.spare();
                if (block == null) {
                    // The sketches are behind: these rows are seen but not sampled.
                    return;
                }
            }
            int now = (int) Math.min(from + count - at, sketcher.blockRows() - block.rows());
            copy(request, answer, rows, at, now);
            at += now;
            if (block.rows() >= sketcher.blockRows()) {
                sketcher.submit(block);
                block = null;
            }
        }
    }

    private void copy(InferenceRequest request, InferenceAnswer answer, long rows, long from, int count) {
        block.addRows(count);
        for (int i = 0; i < inputs.length; i++) {
            TensorPlan plan = inputs[i];
            if (plan != null) {
                InputTensor input = request.input(i);
                if (plan.mode() == Mode.TEXTS) {
                    texts(plan, i, input.texts(), rows, from, count);
                } else {
                    numbers(plan, i, input.data(), rows, from, count);
                }
            }
        }
        int[] asked = request.outputs();
        for (int i = 0; i < asked.length; i++) {
            TensorPlan plan = outputs[asked[i]];
            if (plan != null) {
                int stage = inputs.length + asked[i];
                switch (answer.output(i)) {
                    case Numbers numbers -> numbers(plan, stage, numbers.data(), rows, from, count);
                    case Strings strings -> texts(plan, stage, strings.elements(), rows, from, count);
                    case Sequence sequence -> maps(plan, stage, sequence, rows, from, count);
                    case Mapping mapping -> {}
                }
            }
        }
    }

    private void numbers(TensorPlan plan, int stage, MemorySegment data, long rows, long from, int count) {
        int size = plan.datatype().byteSize();
        long elements = data.byteSize() / size;
        long width = elements / rows;
        if (width == 0 || width * rows != elements) {
            return;
        }
        Columns columns = plan.columns();
        if (columns == null) {
            columns = plan.learn((int) Math.min(width, Integer.MAX_VALUE), List.of());
        }
        if (columns.together()) {
            some(stage, data, size, width, from, count);
        } else if (width == columns.width()) {
            block.stage(stage).add(data, from * width * size, (int) (count * width * size));
        }
    }

    /** A few elements of each row, evenly spread from a random start. */
    private void some(int stage, MemorySegment data, int size, long width, long from, int count) {
        int most = (int) Math.min(width, TensorPlan.MOST_OF_A_ROW);
        for (long row = from; row < from + count; row++) {
            long start = row * width + ThreadLocalRandom.current().nextLong(width / most);
            for (int i = 0; i < most; i++) {
                block.stage(stage).add(data, (start + width / most * i) * size, size);
            }
        }
    }

    private void texts(TensorPlan plan, int stage, List<byte[]> texts, long rows, long from, int count) {
        int width = (int) (texts.size() / rows);
        if (width == 0 || width * rows != texts.size()) {
            return;
        }
        Columns columns = plan.columns();
        if (columns == null) {
            columns = plan.learn(width, List.of());
        }
        if (!columns.together() && width != columns.width()) {
            return;
        }
        int most = columns.together() ? Math.min(width, TensorPlan.MOST_OF_A_ROW) : width;
        for (long row = from; row < from + count; row++) {
            for (int i = 0; i < most; i++) {
                byte[] text = texts.get((int) (row * width + i));
                block.stage(stage).texts().add(text.length <= LONGEST_TEXT ? text : Arrays.copyOf(text, LONGEST_TEXT));
            }
        }
    }

    private void maps(TensorPlan plan, int stage, Sequence sequence, long rows, long from, int count) {
        if (sequence.elements().size() != rows) {
            return;
        }
        for (long row = from; row < from + count; row++) {
            if (sequence.elements().get((int) row) instanceof Mapping(OnnxValue keys, Numbers values)
                    && values.size() > 0) {
                Columns columns = plan.columns();
                if (columns == null) {
                    columns = plan.learn((int) values.size(), names(sequence));
                }
                if (values.size() == columns.width() && !columns.together()) {
                    double[] row64 = new double[columns.width()];
                    for (int i = 0; i < row64.length; i++) {
                        row64[i] = Elements.asDouble(values, i);
                    }
                    block.stage(stage).add(MemorySegment.ofArray(row64), 0, row64.length * Double.BYTES);
                }
            }
        }
    }

    /** What the columns of a value are called by the value itself: the keys of maps. */
    static List<String> names(OnnxValue value) {
        List<String> names = new ArrayList<>();
        if (value instanceof Sequence(List<OnnxValue> elements)
                && !elements.isEmpty()
                && elements.getFirst() instanceof Mapping(OnnxValue keys, OnnxValue values)) {
            switch (keys) {
                case Strings strings ->
                    strings.elements().forEach(text -> names.add(new String(text, StandardCharsets.UTF_8)));
                case Numbers numbers -> {
                    for (long i = 0; i < numbers.size(); i++) {
                        names.add(Long.toString(Elements.asLong(numbers, i)));
                    }
                }
                case Sequence sequence -> {}
                case Mapping mapping -> {}
            }
        }
        return names;
    }
}
