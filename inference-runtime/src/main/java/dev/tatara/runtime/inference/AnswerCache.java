package dev.tatara.runtime.inference;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tatara.onnx.OnnxValue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers that a model gave, by all that they depend on: the digest of the inputs and which outputs were asked for. Belongs
 * to one loaded model; event loops share it. Bounded in bytes of the JVM's heap.
 */
public final class AnswerCache {
    /** About what an answer takes besides its elements: its key and entry, and each value's own objects. */
    private static final int ENTRY_BYTES = 200;

    private static final int VALUE_BYTES = 120;

    private final Cache<RequestDigest.Key, Answer> answers;

    /**
     * @param maxBytes what all answers together may take
     */
    public AnswerCache(long maxBytes) {
        answers = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((RequestDigest.Key key, Answer answer) -> answer.bytes)
                // What is evicted goes with the request that came too many: no other threads.
                .executor(Runnable::run)
                .build();
    }

    /** Null if it isn't known. */
    InferenceAnswer get(RequestDigest.Key key) {
        return answers.getIfPresent(key);
    }

    /** Keeps a copy of an answer. */
    void put(RequestDigest.Key key, InferenceRequest request, InferenceAnswer answer) {
        OnnxValue[] outputs = new OnnxValue[request.outputs().length];
        long bytes = ENTRY_BYTES;
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = copy(answer.output(i));
            bytes += bytes(outputs[i]);
        }
        answers.put(key, new Answer(outputs, (int) Math.min(Integer.MAX_VALUE, bytes)));
    }

    /** About how many bytes it holds. */
    public long bytes() {
        return answers.policy()
                .eviction()
                .map(eviction -> eviction.weightedSize().orElse(0))
                .orElse(0L);
    }

    private static OnnxValue copy(OnnxValue value) {
        return switch (value) {
            case OnnxValue.Numbers numbers ->
                new OnnxValue.Numbers(
                        numbers.datatype(),
                        numbers.shape().clone(),
                        MemorySegment.ofArray(numbers.data().toArray(ValueLayout.JAVA_BYTE))
                                .asReadOnly());
            case OnnxValue.Strings strings ->
                new OnnxValue.Strings(strings.shape().clone(), List.copyOf(strings.elements()));
            case OnnxValue.Sequence sequence -> {
                List<OnnxValue> elements = new ArrayList<>(sequence.elements().size());
                sequence.elements().forEach(element -> elements.add(copy(element)));
                yield new OnnxValue.Sequence(List.copyOf(elements));
            }
            case OnnxValue.Mapping(OnnxValue keys, OnnxValue values) -> new OnnxValue.Mapping(copy(keys), copy(values));
        };
    }

    private static long bytes(OnnxValue value) {
        return switch (value) {
            case OnnxValue.Numbers numbers -> VALUE_BYTES + numbers.data().byteSize();
            case OnnxValue.Strings strings -> {
                long bytes = VALUE_BYTES;
                for (byte[] element : strings.elements()) {
                    bytes += element.length + 24L;
                }
                yield bytes;
            }
            case OnnxValue.Sequence sequence -> {
                long bytes = VALUE_BYTES;
                for (OnnxValue element : sequence.elements()) {
                    bytes += bytes(element);
                }
                yield bytes;
            }
            case OnnxValue.Mapping(OnnxValue keys, OnnxValue values) -> VALUE_BYTES + bytes(keys) + bytes(values);
        };
    }

    /** An answer that no run was made for. */
    private static final class Answer implements InferenceAnswer {
        private final OnnxValue[] outputs;
        private final int bytes;

        Answer(OnnxValue[] outputs, int bytes) {
            this.outputs = outputs;
            this.bytes = bytes;
        }

        @Override
        public OnnxValue output(int position) {
            return outputs[position];
        }

        @Override
        public long queueNanos() {
            return 0;
        }

        @Override
        public long inferenceNanos() {
            return 0;
        }

        @Override
        public long runNanos() {
            return 0;
        }

        @Override
        public long batchRows() {
            return 0;
        }

        @Override
        public boolean isFirstOfRun() {
            return false;
        }
    }
}
