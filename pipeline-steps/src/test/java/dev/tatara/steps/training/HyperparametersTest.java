package dev.tatara.steps.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.steps.StepFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HyperparametersTest {
    @TempDir
    Path folder;

    private String written(String ending) throws Exception {
        return Files.readString(folder.resolve("hyperparameters." + ending));
    }

    @Test
    void bothFilesSayTheSame() throws Exception {
        Hyperparameters.parse("""
                {"depth": 4, "seed": 12345678901234567890, "rate": 1e-5, "large": 1e10, "third": 0.1, "shuffle": true,
                 "none": null, "no": "no", "version": "1.0", "layers": [64, 32], "optimizer": {"name": "adam"}}
                """).write(folder);

        assertThat(written("yaml")).isEqualTo("""
                depth: 4
                seed: 12345678901234567890
                rate: 1.0E-5
                large: 1.0E+10
                third: 0.1
                shuffle: true
                none: null
                "no": "no"
                version: "1.0"
                layers:
                - 64
                - 32
                optimizer:
                  name: "adam"
                """);
        var json = new ObjectMapper().readTree(written("json"));
        assertThat(json.path("seed").bigIntegerValue()).isEqualTo("12345678901234567890");
        assertThat(json.path("rate").doubleValue()).isEqualTo(1e-5);
        assertThat(json.path("layers").toString()).isEqualTo("[64,32]");
    }

    @Test
    void aFileMayBeYamlOrJson() throws Exception {
        var yaml = Files.writeString(folder.resolve("mine.yaml"), "depth: 4\nlayers: [64, 32]\n");
        var json = Files.writeString(folder.resolve("mine.json"), "{\"depth\": 4, \"layers\": [64, 32]}");

        assertThat(Hyperparameters.read(yaml)).isEqualTo(Hyperparameters.read(json));
    }

    @Test
    void withoutAnyThereAreFilesAllTheSame() throws Exception {
        Hyperparameters.NONE.write(folder.resolve("new"));

        assertThat(folder.resolve("new/hyperparameters.yaml")).hasContent("{}");
        assertThat(folder.resolve("new/hyperparameters.json")).content().isEqualToIgnoringWhitespace("{}");
    }

    @Test
    void somethingElseIsRefused() throws Exception {
        for (var text : List.of("", "[1]", "4", "{\"a\": 1", "{\"a\": 1, \"a\": 2}", "{\"a\": 1} 2")) {
            assertThatThrownBy(() -> Hyperparameters.parse(text))
                    .as(text)
                    .isInstanceOfSatisfying(StepFailure.class, failure -> assertThat(failure.reason())
                            .isEqualTo("InvalidDefinition"))
                    .hasMessageContaining("expected an object");
        }
        var file = Files.writeString(folder.resolve("mine.yaml"), "- 1\n");
        assertThatThrownBy(() -> Hyperparameters.read(file)).hasMessageContaining("expected an object");
        assertThatThrownBy(() -> Hyperparameters.read(folder.resolve("none"))).hasMessageContaining("can't be read");
    }
}
