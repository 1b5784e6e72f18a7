package dev.tatara.steps.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RuntimeWordsTest {
    @Test
    void whatOnlyDevelopersNeedIsLeftOut() {
        assertThat(
                        RuntimeWords.of(
                                "Load model from /tmp/tatara-1/model.onnx failed:/onnxruntime_src/onnxruntime/core/graph/model_load_utils.h:46 void onnxruntime::model_load_utils::ValidateOpsetForDomain(const std::unordered_map<std::__cxx11::basic_string<char>, int>&, const onnxruntime::logging::Logger&, bool, const std::string&, int) ONNX Runtime only *guarantees* support (really).\n"))
                .isEqualTo("ONNX Runtime only *guarantees* support (really).");
        assertThat(RuntimeWords.of("Load model from /tmp/x/model.onnx failed:Fatal error: a:B(-1) is not registered"))
                .isEqualTo("Fatal error: a:B(-1) is not registered");
        assertThat(RuntimeWords.of("plain words")).isEqualTo("plain words");
    }
}
