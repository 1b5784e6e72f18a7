package dev.tatara.runtime.observation;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.model.ServedModel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Requests to and answers of a model like iris, in native memory as engines give them. */
final class Answers {
    private Answers() {}

    /** An answer with these outputs. */
    static InferenceAnswer of(OnnxValue... outputs) {
        List<OnnxValue> values = List.of(outputs);
        return new InferenceAnswer() {
            @Override
            public OnnxValue output(int position) {
                return values.get(position);
            }

            @Override
            public long queueNanos() {
                return 2_000_000;
            }

            @Override
            public long inferenceNanos() {
                return 10_000;
            }

            @Override
            public long runNanos() {
                return 0;
            }

            @Override
            public long batchRows() {
                return 1;
            }

            @Override
            public boolean isFirstOfRun() {
                return true;
            }
        };
    }

    static OnnxValue.Numbers floats(long[] shape, float... values) {
        MemorySegment memory = Arena.ofAuto().allocate(4L * values.length, 8);
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
        return new OnnxValue.Numbers(Datatype.FP32, shape, memory);
    }

    static OnnxValue.Numbers longs(long[] shape, long... values) {
        MemorySegment memory = Arena.ofAuto().allocate(8L * values.length, 8);
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_LONG, 0, values.length);
        return new OnnxValue.Numbers(Datatype.INT64, shape, memory);
    }

    /** A request with rows of one width in the model's only input. */
    static InferenceRequest request(ServedModel model, int width, float... values) {
        InferenceRequest request = new InferenceRequest(model);
        for (float value : values) {
            request.input(0).addFloat(value);
        }
        request.input(0).setShape(new long[] {values.length / width, width}, 2);
        request.input(0).setGiven();
        return request;
    }
}
