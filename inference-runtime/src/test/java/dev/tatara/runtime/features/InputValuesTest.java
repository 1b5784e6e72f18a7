package dev.tatara.runtime.features;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.features.FeatureRow;
import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineRead;
import dev.tatara.features.OnlineView;
import dev.tatara.features.ValueCodec;
import dev.tatara.runtime.TestModels;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.model.ServedModel;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Values on their way into inputs of every type. */
class InputValuesTest {
    private static ServedModel model;

    @BeforeAll
    static void load() {
        model = TestModels.load("every-type");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** What went into an input that has three elements, in the middle; the words if something is wrong. */
    private static Object put(FeatureType type, Object value, String input) {
        OnlineRead read = new OnlineRead(List.of(new OnlineView(
                "p",
                "v",
                List.of(new JoinKey("k", FeatureType.INT64)),
                List.of(new OnlineFeature("f", type)),
                Duration.ZERO)));
        FeatureRow row = read.newRow();
        byte[] stored = ValueCodec.encode(type, value);
        read.lookups().getFirst().decode(index -> index == 0 ? null : stored, Instant.EPOCH, row);
        InferenceRequest request = new InferenceRequest(model);
        try {
            InputTensor tensor = request.input(model.input(input));
            tensor.addEmpty(3);
            String wrong = InputValues.put(row, 0, type, tensor, 1, 1);
            return wrong != null ? wrong : element(tensor);
        } finally {
            request.free();
        }
    }

    private static Object element(InputTensor tensor) {
        return switch (tensor.info().datatype()) {
            case FP32 -> tensor.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4);
            case FP64 -> tensor.data().get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8);
            case FP16, BF16, INT16, UINT16 -> tensor.data().get(ValueLayout.JAVA_SHORT_UNALIGNED, 2);
            case INT32, UINT32 -> tensor.data().get(ValueLayout.JAVA_INT_UNALIGNED, 4);
            case INT64, UINT64 -> tensor.data().get(ValueLayout.JAVA_LONG_UNALIGNED, 8);
            case INT8, UINT8, BOOL -> tensor.data().get(ValueLayout.JAVA_BYTE, 1);
            default -> new String(tensor.texts().get(1), java.nio.charset.StandardCharsets.UTF_8);
        };
    }

    @Test
    void numbersAreRoundedOnceAsACastDoes() {
        assertThat(put(FeatureType.DOUBLE, 0.1, "fp64")).isEqualTo(0.1);
        assertThat(put(FeatureType.DOUBLE, 0.1, "fp32")).isEqualTo(0.1f);
        assertThat(put(FeatureType.FLOAT, 0.1f, "fp64")).isEqualTo((double) 0.1f);
        assertThat(put(FeatureType.INT64, (1L << 60) + (1L << 36) + 1, "fp32"))
                .isEqualTo((float) ((1L << 60) + (1L << 36) + 1));
        assertThat(put(FeatureType.DOUBLE, 1.5, "fp16")).isEqualTo(Float.floatToFloat16(1.5f));
        assertThat(put(FeatureType.DOUBLE, 1.0, "bf16")).isEqualTo((short) 0x3f80);
        assertThat(put(FeatureType.DOUBLE, Double.NaN, "fp32")).isEqualTo(Float.NaN);
        assertThat(put(FeatureType.BOOL, true, "fp32")).isEqualTo(1f);
        assertThat(put(FeatureType.UNIX_TIMESTAMP, Instant.ofEpochSecond(1_600_000_000), "fp64"))
                .isEqualTo(1.6e9);
    }

    @Test
    void wholeNumbersMustFit() {
        assertThat(put(FeatureType.INT64, Long.MIN_VALUE, "int64")).isEqualTo(Long.MIN_VALUE);
        assertThat(put(FeatureType.INT64, -5L, "int32")).isEqualTo(-5);
        assertThat(put(FeatureType.INT64, 1L << 31, "int32")).isEqualTo("doesn't fit INT32");
        assertThat(put(FeatureType.INT64, 0xffff_ffffL, "uint32")).isEqualTo(-1);
        assertThat(put(FeatureType.INT64, -1L, "uint64")).isEqualTo("doesn't fit UINT64");
        assertThat(put(FeatureType.INT32, 256, "uint8")).isEqualTo("doesn't fit UINT8");
        assertThat(put(FeatureType.INT32, -128, "int8")).isEqualTo((byte) -128);
        assertThat(put(FeatureType.BOOL, true, "bool")).isEqualTo((byte) 1);
    }

    @Test
    void textsStayTexts() {
        assertThat(put(FeatureType.STRING, "grüße", "string")).isEqualTo("grüße");
        assertThat(put(FeatureType.BYTES, new byte[] {'x'}, "string")).isEqualTo("x");
    }

    @Test
    void typesThatHaveNoPlaceInAnInputAreKnown() {
        for (FeatureType type : FeatureType.values()) {
            FeatureType element = type.element().orElse(type);
            boolean text = element == FeatureType.STRING || element == FeatureType.BYTES;
            assertThat(InputValues.fits(type, dev.tatara.onnx.Datatype.BYTES)).isEqualTo(text);
            assertThat(InputValues.fits(type, dev.tatara.onnx.Datatype.FP32)).isEqualTo(!text);
        }
        assertThat(InputValues.fits(FeatureType.DOUBLE, dev.tatara.onnx.Datatype.INT64))
                .isFalse();
    }
}
