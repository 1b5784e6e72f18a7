package dev.tatara.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxModelTest {
    private static final SessionSettings ONE_THREAD = SessionSettings.singleThread();
    private static OnnxRuntime runtime;

    @BeforeAll
    static void open() {
        runtime = OnnxRuntime.open();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    @Test
    void saysWhichVersionItIs() {
        assertThat(runtime.version()).isEqualTo("1.29.0");
    }

    @Test
    void describesInputsAndOutputs() {
        try (OnnxModel model = runtime.load(Models.path("two-in-two-out"), ONE_THREAD)) {
            assertThat(model.inputs())
                    .containsExactly(
                            new ValueInfo("price", Datatype.FP32, List.of(-1L, 2L)),
                            new ValueInfo("count", Datatype.INT64, List.of(-1L, 2L)));
            assertThat(model.outputs())
                    .containsExactly(
                            new ValueInfo("total", Datatype.FP32, List.of(-1L, 2L)),
                            new ValueInfo("minus_count", Datatype.INT64, List.of(-1L, 2L)));
        }
        try (OnnxModel model = runtime.load(Models.path("iris-zipmap"), ONE_THREAD)) {
            assertThat(model.outputs().get(1))
                    .isEqualTo(new ValueInfo(model.outputs().get(1).name(), Datatype.SEQUENCE, List.of()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fp32", "fp64", "fp16", "bf16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
                "uint64", "bool", "string"
            })
    void answersZerosOfEveryType(String type) {
        try (OnnxModel model = runtime.load(Models.path("identity-" + type), ONE_THREAD);
                OnnxCall call = model.newCall()) {
            call.zeros(2);
            call.run();
            switch (call.output(0)) {
                case OnnxValue.Numbers numbers -> {
                    assertThat(numbers.datatype().name()).isEqualToIgnoringCase(type);
                    assertThat(numbers.shape()).containsExactly(2, 2);
                    assertThat(numbers.data().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
                    assertThat(numbers.size()).isEqualTo(4);
                }
                case OnnxValue.Strings strings -> {
                    assertThat(type).isEqualTo("string");
                    assertThat(strings.elements()).hasSize(4).allMatch(element -> element.length == 0);
                }
                default -> throw new AssertionError("not a tensor");
            }
        }
    }

    @Test
    void readsTheCallersMemoryInPlace() {
        try (OnnxModel model = runtime.load(Models.path("add"), ONE_THREAD);
                OnnxCall call = model.newCall();
                Arena arena = Arena.ofConfined()) {
            MemorySegment a = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 4, 5, 6);
            MemorySegment b = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 10, 20, 30, 40, 50, 60);
            call.input(0, a, 2, 3);
            call.input(1, b, 2, 3);
            call.run();
            assertThat(floats(call.output(0))).containsExactly(11, 22, 33, 44, 55, 66);
            // Same memory, other values; then fewer rows of the same memory.
            a.setAtIndex(ValueLayout.JAVA_FLOAT, 0, 100);
            call.input(0, a, 2, 3);
            call.run();
            assertThat(floats(call.output(0))).containsExactly(110, 22, 33, 44, 55, 66);
            call.input(0, a, 1, 3);
            call.input(1, b, 1, 3);
            call.run();
            assertThat(floats(call.output(0))).containsExactly(110, 22, 33);
        }
    }

    @Test
    void runsForSomeOutputsInTheOrderAskedFor() {
        try (OnnxModel model = runtime.load(Models.path("two-in-two-out"), ONE_THREAD);
                OnnxCall call = model.newCall()) {
            call.zeros(3);
            call.run(new int[] {1});
            assertThat(call.outputCount()).isEqualTo(1);
            assertThat(((OnnxValue.Numbers) call.output(0)).datatype()).isEqualTo(Datatype.INT64);
            call.run(new int[] {1, 0});
            assertThat(((OnnxValue.Numbers) call.output(1)).datatype()).isEqualTo(Datatype.FP32);
            assertThatThrownBy(() -> call.output(2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void manyThreadsShareAModelAndEachGetsItsOwnRows() throws Exception {
        try (OnnxModel model = runtime.load(Models.path("add"), ONE_THREAD);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                float mine = t;
                done.add(threads.submit(() -> {
                    try (OnnxCall call = model.newCall();
                            Arena arena = Arena.ofConfined()) {
                        MemorySegment a = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * 16);
                        MemorySegment b = arena.allocate(ValueLayout.JAVA_FLOAT, 3 * 16);
                        for (int round = 0; round < 2_000; round++) {
                            int rows = 1 + round % 16;
                            for (int i = 0; i < rows * 3; i++) {
                                a.setAtIndex(ValueLayout.JAVA_FLOAT, i, mine);
                                b.setAtIndex(ValueLayout.JAVA_FLOAT, i, round);
                            }
                            call.input(0, a, rows, 3);
                            call.input(1, b, rows, 3);
                            call.run();
                            float[] expected = new float[rows * 3];
                            Arrays.fill(expected, mine + round);
                            assertThat(floats(call.output(0))).isEqualTo(expected);
                        }
                    }
                }));
            }
            for (Future<?> future : done) {
                future.get();
            }
        }
    }

    @Test
    void aModelClosedWhileCallsAreOpenStillAnswersThem() {
        OnnxModel model = runtime.load(Models.path("iris"), SessionSettings.ofThisProcess());
        try (OnnxCall call = model.newCall()) {
            model.close();
            model.close();
            call.zeros(1);
            call.run();
            assertThat(call.outputCount()).isEqualTo(2);
        }
        assertThatThrownBy(model::newCall)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void openingTwiceAndClosingOnceKeepsTheOther() {
        try (OnnxRuntime second = OnnxRuntime.open();
                OnnxModel model = second.load(Models.path("iris"), ONE_THREAD)) {
            assertThat(model.inputs()).hasSize(1);
        }
        try (OnnxModel model = runtime.load(Models.path("iris"), ONE_THREAD)) {
            assertThat(model.inputs()).hasSize(1);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (OnnxModel model = runtime.load(Models.path("add"), ONE_THREAD);
                OnnxCall call = model.newCall();
                Arena arena = Arena.ofConfined()) {
            MemorySegment six = arena.allocate(ValueLayout.JAVA_FLOAT, 6);
            assertThatThrownBy(call::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("input a");
            assertThatThrownBy(() -> call.input(0, six, 3, 3))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContaining("needs 36 bytes")
                    .hasMessageContaining("got 24");
            assertThatThrownBy(() -> call.input(0, six, -1, 3))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContaining("negative");
            assertThatThrownBy(() -> call.input(0, six, 1L << 40, 1L << 40))
                    .isInstanceOf(OnnxException.class)
                    .hasMessageContaining("more elements than memory");
            assertThatThrownBy(() -> call.strings(0, List.of(new byte[1]), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("takes FP32");
            // The model's own check, in ONNX Runtime's words; afterwards the call is as good as before.
            call.input(0, six, 3, 2);
            call.input(1, six, 2, 3);
            assertThatThrownBy(call::run).isInstanceOf(OnnxException.class).satisfies(e -> assertThat(
                            ((OnnxException) e).code())
                    .isEqualTo(OnnxException.Code.INVALID_ARGUMENT));
            call.input(0, six, 2, 3);
            call.run();
            assertThat(floats(call.output(0))).hasSize(6);
        }
    }

    @Test
    void aRunThatFailsSaysWhyAndTheNextOneIsFine() {
        try (OnnxModel model = runtime.load(Models.path("fails-on-odd"), ONE_THREAD);
                OnnxCall call = model.newCall()) {
            call.zeros(7);
            assertThatThrownBy(call::run).isInstanceOf(OnnxException.class).hasMessageContaining("Reshape");
            call.zeros(8);
            call.run();
            assertThat(floats(call.output(0))).hasSize(8);
        }
    }

    @Test
    void saysInOnnxRuntimesWordsWhatIsWrongWithAModel(@TempDir Path folder) throws Exception {
        assertThatThrownBy(() -> runtime.load(folder.resolve("absent.onnx"), ONE_THREAD))
                .isInstanceOf(OnnxException.class)
                .satisfies(e -> assertThat(((OnnxException) e).code()).isEqualTo(OnnxException.Code.NO_SUCH_FILE));
        Path garbage = Files.writeString(folder.resolve("garbage.onnx"), "this is no model");
        assertThatThrownBy(() -> runtime.load(garbage, ONE_THREAD))
                .isInstanceOf(OnnxException.class)
                .satisfies(e -> assertThat(((OnnxException) e).code()).isEqualTo(OnnxException.Code.INVALID_PROTOBUF));
        assertThatThrownBy(() -> runtime.load(Models.path("opset-999"), ONE_THREAD))
                .isInstanceOf(OnnxException.class)
                .satisfies(e ->
                        assertThat(((OnnxException) e).isUnsupportedOpset()).isTrue());
        assertThatThrownBy(() -> runtime.load(Models.path("unknown-operator"), ONE_THREAD))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("NoSuchOperator")
                .satisfies(e ->
                        assertThat(((OnnxException) e).isUnsupportedOpset()).isFalse());
    }

    private static float[] floats(OnnxValue value) {
        return ((OnnxValue.Numbers) value).data().toArray(ValueLayout.JAVA_FLOAT);
    }
}
