package dev.tatara.runtime.observation;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.onnx.OnnxValue.Mapping;
import dev.tatara.onnx.OnnxValue.Numbers;
import dev.tatara.onnx.OnnxValue.Sequence;
import dev.tatara.onnx.OnnxValue.Strings;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.observation.PayloadRecord.Captured;
import dev.tatara.runtime.observation.Secrecy.Hasher;
import dev.tatara.runtime.observation.Secrecy.Treatment;
import dev.tatara.runtime.observation.TensorPlan.Columns;
import dev.tatara.statistics.Pane.Role;
import java.util.List;

/**
 * Writes records of the payload log as JSON: tables by column (a list of values per feature), other tensors with shape
 * and data. One thread's own.
 */
final class PayloadWriter {
    private static final double NANOS_PER_MILLI = 1e6;

    private final Identity identity;
    private final TensorPlan[] inputs;
    private final TensorPlan[] outputs;
    private final Secrecy secrecy;
    private final Hasher hasher;
    private final JsonBytes element = new JsonBytes();
    private boolean first;

    PayloadWriter(Identity identity, TensorPlans plans, Secrecy secrecy) {
        this.identity = identity;
        this.inputs = plans.inputs();
        this.outputs = plans.outputs();
        this.secrecy = secrecy;
        this.hasher = secrecy.hasher();
    }

    /** Appends one line. */
    void write(PayloadRecord payload, JsonBytes out) {
        out.raw("{\"time\":").string(payload.time().toString());
        out.raw(",\"request_id\":").string(payload.requestId() == null ? "" : payload.requestId());
        if (payload.traceId() != null) {
            out.raw(",\"trace_id\":").string(payload.traceId());
        }
        out.raw(",\"protocol\":").string(payload.protocol().label());
        out.raw(",\"model\":").string(identity.model());
        out.raw(",\"model_version\":").string(identity.version());
        out.raw(",\"revision\":").string(identity.revision());
        out.raw(",\"rows\":").number(payload.rows());
        out.raw(",\"queue_ms\":").number(payload.queueNanos() / NANOS_PER_MILLI);
        out.raw(",\"inference_ms\":").number(payload.inferenceNanos() / NANOS_PER_MILLI);
        out.raw(",\"truncated\":").bool(payload.truncated());
        tables(payload, Role.Feature, ",\"features\":{", out);
        tables(payload, Role.Prediction, ",\"predictions\":{", out);
        tensors(payload, out);
        out.raw("}\n");
    }

    private void tables(PayloadRecord payload, Role role, String opening, JsonBytes out) {
        out.raw(opening);
        first = true;
        for (Captured tensor : payload.tensors()) {
            TensorPlan plan = plan(tensor);
            if (plan != null && plan.role() == role && isTable(tensor, plan, payload.rows())) {
                table(tensor, plan, (int) payload.rows(), out);
            }
        }
        out.raw('}');
    }

    private TensorPlan plan(Captured tensor) {
        return tensor.output() ? outputs[tensor.position()] : inputs[tensor.position()];
    }

    /** Whether each row has the columns that are known by name; learns them from the first answer. */
    private static boolean isTable(Captured tensor, TensorPlan plan, long rows) {
        long elements =
                switch (tensor.value()) {
                    case Numbers numbers -> numbers.size();
                    case Strings strings -> strings.elements().size();
                    case Sequence sequence -> mapped(sequence);
                    case Mapping mapping -> 0;
                };
        if (rows == 0 || elements == 0 || elements % rows != 0 || elements / rows > Integer.MAX_VALUE) {
            return false;
        }
        Columns columns = plan.columns();
        if (columns == null) {
            columns = plan.learn((int) (elements / rows), RowSampler.names(tensor.value()));
        }
        return !columns.together() && columns.width() == elements / rows;
    }

    /** Values of a sequence of maps of the same size, 0 of anything else. */
    private static long mapped(Sequence sequence) {
        long values = 0;
        long size = -1;
        for (OnnxValue value : sequence.elements()) {
            if (!(value instanceof Mapping(OnnxValue keys, Numbers numbers)) || (size >= 0 && numbers.size() != size)) {
                return 0;
            }
            size = numbers.size();
            values += size;
        }
        return values;
    }

    private void table(Captured tensor, TensorPlan plan, int rows, JsonBytes out) {
        List<String> names = plan.columns().names();
        for (int column = 0; column < names.size(); column++) {
            Treatment treatment = secrecy.of(plan.name(), names.get(column));
            if (treatment == Treatment.LEFT_OUT) {
                continue;
            }
            out.raw(first ? "" : ",").string(names.get(column)).raw(":[");
            first = false;
            for (int row = 0; row < rows; row++) {
                out.raw(row == 0 ? "" : ",");
                if (tensor.value() instanceof Sequence(List<OnnxValue> maps)) {
                    element(((Mapping) maps.get(row)).values(), column, treatment, out);
                } else {
                    element(tensor.value(), (long) row * names.size() + column, treatment, out);
                }
            }
            out.raw(']');
        }
    }

    private void element(OnnxValue value, long index, Treatment treatment, JsonBytes out) {
        if (treatment == Treatment.HASHED) {
            out.string(hasher.hash(text(value, index)));
            return;
        }
        switch (value) {
            case Numbers numbers -> Elements.write(numbers, index, out);
            case Strings strings -> out.string(strings.elements().get((int) index));
            case Sequence sequence -> out.raw("null");
            case Mapping mapping -> out.raw("null");
        }
    }

    /** What is hashed: a string's bytes, a number's shortest decimal. */
    private byte[] text(OnnxValue value, long index) {
        if (value instanceof Strings strings) {
            return strings.elements().get((int) index);
        }
        element.reset();
        element(value, index, Treatment.SHOWN, element);
        return element.toByteArray();
    }

    private void tensors(PayloadRecord payload, JsonBytes out) {
        boolean any = false;
        for (Captured tensor : payload.tensors()) {
            TensorPlan plan = plan(tensor);
            if (plan == null || isTable(tensor, plan, payload.rows())) {
                continue;
            }
            if (tensor.value() instanceof Sequence || tensor.value() instanceof Mapping) {
                continue;
            }
            Treatment treatment = secrecy.of(plan.name(), plan.name());
            if (treatment != Treatment.LEFT_OUT) {
                out.raw(any ? "," : ",\"tensors\":{").string(plan.name());
                any = true;
                tensor(tensor.value(), treatment, out);
            }
        }
        if (any) {
            out.raw('}');
        }
    }

    private void tensor(OnnxValue value, Treatment treatment, JsonBytes out) {
        Datatype datatype = value instanceof Numbers numbers ? numbers.datatype() : Datatype.BYTES;
        long[] shape =
                switch (value) {
                    case Numbers numbers -> numbers.shape();
                    case Strings strings -> strings.shape();
                    case Sequence sequence -> throw new IllegalArgumentException("a sequence is no tensor");
                    case Mapping mapping -> throw new IllegalArgumentException("a map is no tensor");
                };
        out.raw(":{\"datatype\":").string(datatype.name()).raw(",\"shape\":[");
        long elements = 1;
        for (int i = 0; i < shape.length; i++) {
            out.raw(i == 0 ? "" : ",").number(shape[i]);
            elements *= shape[i];
        }
        out.raw("],\"data\":[");
        for (long i = 0; i < elements; i++) {
            out.raw(i == 0 ? "" : ",");
            element(value, i, treatment, out);
        }
        out.raw("]}");
    }
}
