package dev.tatara.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The binding and ONNX Runtime's own JNI binding give the same bytes for the same bytes. */
class AgreesWithJniBindingTest {
    private static OnnxRuntime runtime;
    private static OrtEnvironment jni;

    @BeforeAll
    static void open() {
        runtime = OnnxRuntime.open();
        jni = OrtEnvironment.getEnvironment();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    @ParameterizedTest
    @CsvSource({
        "identity-fp32, FLOAT, 4",
        "identity-fp64, DOUBLE, 8",
        "identity-fp16, FLOAT16, 2",
        "identity-bf16, BFLOAT16, 2",
        "identity-int8, INT8, 1",
        "identity-int16, INT16, 2",
        "identity-int32, INT32, 4",
        "identity-int64, INT64, 8",
        "identity-uint8, UINT8, 1",
        "identity-bool, BOOL, 1",
    })
    void oneInputOfEachType(String name, OnnxJavaType type, int size) throws OrtException {
        byte[] input = new byte[6 * size];
        new Random(7).nextBytes(input);
        if (type == OnnxJavaType.BOOL) {
            for (int i = 0; i < input.length; i++) {
                input[i] &= 1;
            }
        }
        var fed = Map.of("x", new Fed(type, input, new long[] {2, 3}));
        assertThat(ours(name, fed)).isEqualTo(theirs(name, fed));
        assertThat(ours(name, fed)).isEqualTo(List.of(hex(input, 2, 3)));
    }

    @Test
    void aClassifierOnManyRows() throws OrtException {
        Random random = new Random(11);
        byte[] rows = floats(random, 150 * 4);
        var fed = Map.of("X", new Fed(OnnxJavaType.FLOAT, rows, new long[] {150, 4}));
        assertThat(ours("iris", fed)).hasSize(2).isEqualTo(theirs("iris", fed));
    }

    @Test
    void twoInputsAndTwoOutputsOfDifferentTypes() throws OrtException {
        Random random = new Random(13);
        byte[] counts = new byte[5 * 2 * 8];
        ByteBuffer buffer = ByteBuffer.wrap(counts).order(ByteOrder.nativeOrder());
        while (buffer.hasRemaining()) {
            buffer.putLong(random.nextLong());
        }
        var fed = new LinkedHashMap<String, Fed>();
        fed.put("price", new Fed(OnnxJavaType.FLOAT, floats(random, 10), new long[] {5, 2}));
        fed.put("count", new Fed(OnnxJavaType.INT64, counts, new long[] {5, 2}));
        assertThat(ours("two-in-two-out", fed)).hasSize(2).isEqualTo(theirs("two-in-two-out", fed));
    }

    @Test
    void dynamicDimensionsDownToZeroRows() throws OrtException {
        for (int rows : new int[] {3, 1, 0, 64}) {
            var fed = new LinkedHashMap<String, Fed>();
            fed.put("a", new Fed(OnnxJavaType.FLOAT, floats(new Random(rows), rows * 3), new long[] {rows, 3}));
            fed.put("b", new Fed(OnnxJavaType.FLOAT, floats(new Random(-rows), rows * 3), new long[] {rows, 3}));
            assertThat(ours("add", fed)).isEqualTo(theirs("add", fed));
        }
    }

    @Test
    void aScalar() throws OrtException {
        var fed = Map.of("x", new Fed(OnnxJavaType.FLOAT, floats(new Random(5), 4), new long[] {2, 2}));
        assertThat(ours("fixed-shape", fed)).isEqualTo(theirs("fixed-shape", fed));
    }

    @Test
    void strings() throws OrtException {
        List<String> words = List.of("", "a", "日本語", "x".repeat(10_000), "tab\t", "踏鞴 🔥");
        try (OnnxModel model = runtime.load(Models.path("identity-string"), SessionSettings.singleThread());
                OnnxCall call = model.newCall();
                OrtSession session = jni.createSession(Models.bytes("identity-string"));
                OnnxTensor tensor = OnnxTensor.createTensor(jni, words.toArray(new String[0]), new long[] {3, 2});
                OrtSession.Result result = session.run(Map.of("x", tensor))) {
            call.strings(
                    0,
                    words.stream()
                            .map(word -> word.getBytes(StandardCharsets.UTF_8))
                            .toList(),
                    3,
                    2);
            call.run();
            OnnxValue.Strings answer = (OnnxValue.Strings) call.output(0);
            List<String> theirs = new ArrayList<>();
            for (String[] row : (String[][]) result.get(0).getValue()) {
                theirs.addAll(List.of(row));
            }
            assertThat(answer.elements().stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)))
                    .isEqualTo(theirs)
                    .isEqualTo(words);
            assertThat(answer.shape()).containsExactly(3, 2);
        }
    }

    @Test
    void aSequenceOfMaps() throws OrtException {
        byte[] rows = floats(new Random(17), 3 * 4);
        try (OnnxModel model = runtime.load(Models.path("iris-zipmap"), SessionSettings.singleThread());
                OnnxCall call = model.newCall();
                Arena arena = Arena.ofConfined();
                OrtSession session = jni.createSession(Models.bytes("iris-zipmap"));
                OnnxTensor tensor = new Fed(OnnxJavaType.FLOAT, rows, new long[] {3, 4}).jni(jni);
                OrtSession.Result result = session.run(Map.of("X", tensor))) {
            assertThat(model.outputs().get(1).datatype()).isEqualTo(Datatype.SEQUENCE);
            call.input(0, arena.allocateFrom(ValueLayout.JAVA_BYTE, rows), 3, 4);
            call.run();
            List<Map<Long, Float>> ours = new ArrayList<>();
            for (OnnxValue element : ((OnnxValue.Sequence) call.output(1)).elements()) {
                OnnxValue.Mapping mapping = (OnnxValue.Mapping) element;
                OnnxValue.Numbers keys = (OnnxValue.Numbers) mapping.keys();
                OnnxValue.Numbers values = (OnnxValue.Numbers) mapping.values();
                Map<Long, Float> row = new LinkedHashMap<>();
                for (long i = 0; i < keys.size(); i++) {
                    row.put(
                            keys.data().getAtIndex(ValueLayout.JAVA_LONG, i),
                            values.data().getAtIndex(ValueLayout.JAVA_FLOAT, i));
                }
                ours.add(row);
            }
            List<Object> theirs = new ArrayList<>();
            for (Object map : ((OnnxSequence) result.get(1)).getValue()) {
                theirs.add(((OnnxMap) map).getValue());
            }
            assertThat(ours).hasSize(3).isEqualTo(theirs);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Fed(OnnxJavaType type, byte[] bytes, long[] shape) {
        private OnnxTensor jni(OrtEnvironment environment) throws OrtException {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
            buffer.put(bytes).flip();
            return OnnxTensor.createTensor(environment, buffer, shape, type);
        }
    }

    private static byte[] floats(Random random, int count) {
        ByteBuffer buffer = ByteBuffer.allocate(count * 4).order(ByteOrder.nativeOrder());
        while (buffer.hasRemaining()) {
            buffer.putFloat((float) random.nextGaussian() * 5);
        }
        return buffer.array();
    }

    private static String hex(byte[] bytes, long... shape) {
        return java.util.Arrays.toString(shape) + java.util.HexFormat.of().formatHex(bytes);
    }

    private static List<String> ours(String name, Map<String, Fed> fed) {
        byte[] file = Models.bytes(name);
        try (Arena arena = Arena.ofConfined();
                OnnxModel model =
                        runtime.load(arena.allocateFrom(ValueLayout.JAVA_BYTE, file), SessionSettings.ofThisProcess());
                OnnxCall call = model.newCall()) {
            for (int i = 0; i < model.inputs().size(); i++) {
                Fed input = fed.get(model.inputs().get(i).name());
                MemorySegment memory = arena.allocate(Math.max(8, input.bytes.length), 64);
                MemorySegment.copy(input.bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, input.bytes.length);
                call.input(i, memory, input.shape);
            }
            call.run();
            List<String> answers = new ArrayList<>();
            for (int i = 0; i < call.outputCount(); i++) {
                OnnxValue.Numbers answer = (OnnxValue.Numbers) call.output(i);
                answers.add(hex(answer.data().toArray(ValueLayout.JAVA_BYTE), answer.shape()));
            }
            return answers;
        }
    }

    private static List<String> theirs(String name, Map<String, Fed> fed) throws OrtException {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, Fed> entry : fed.entrySet()) {
            tensors.put(entry.getKey(), entry.getValue().jni(jni));
        }
        try (OrtSession session = jni.createSession(Models.bytes(name));
                OrtSession.Result result = session.run(tensors)) {
            List<String> answers = new ArrayList<>();
            for (var entry : result) {
                OnnxTensor tensor = (OnnxTensor) entry.getValue();
                ByteBuffer buffer = tensor.getByteBuffer();
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                answers.add(hex(bytes, tensor.getInfo().getShape()));
            }
            return answers;
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }
}
