package dev.tatara.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepResultCodecTest {
    private static final ModelInspection INSPECTION = new ModelInspection(
            "sha256:" + "0".repeat(64),
            48_211,
            "s3://tatara/models/sha256/" + "0".repeat(64),
            17,
            new ModelSignature(
                    List.of(new TensorSpec("features", "FP32", List.of(-1L, 5L))),
                    List.of(new TensorSpec("label", "INT64", List.of(-1L)))),
            false,
            Map.of("latencyP99Millis", 0.4));

    @Test
    void whatIsWrittenIsReadBack() {
        var result = StepResult.succeeded("inspect-model", "verified", INSPECTION);

        assertThat(StepResultCodec.fromJson(StepResultCodec.toJson(result), ModelInspection.class))
                .isEqualTo(result);
    }

    @Test
    void fieldsOfANewerWriterArePassedOver() {
        var json = StepResultCodec.toJson(StepResult.failed("inspect-model", "SourceNotFound", "no such key"))
                .replaceFirst("\\{", "{\"addedLater\":{\"a\":[1]},");

        assertThat(StepResultCodec.fromJson(json, ModelInspection.class).reason())
                .isEqualTo("SourceNotFound");
    }

    @Test
    void otherTextIsRefusedAndShown() {
        for (var text : List.of("", "null", "Killed", "{}", "{\"schema\":\"other/v9\",\"step\":\"a\"}", "[1]")) {
            assertThatThrownBy(() -> StepResultCodec.fromJson(text, ModelInspection.class))
                    .isInstanceOf(StepResultCodec.MalformedResultException.class)
                    .hasMessageContaining("expected a step result");
        }
    }

    @Test
    void aLongMessageIsCutSoThatTheResultFitsATerminationMessage() {
        var result = StepResult.rejected("inspect-model", "NotOnnx", "x".repeat(10_000), null);

        assertThat(result.message()).hasSize(StepResult.MAX_MESSAGE).endsWith("…");
    }
}
