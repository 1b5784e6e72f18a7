package dev.tatara.steps.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {
    @Test
    void numbersAreWrittenTogether() throws Exception {
        var sources = sources(Set.of("a-ab12-0", "a-ab12-1", "a-ab12-2", "a-ab12-7", "b-c-ff00-10"));

        assertThat(new String(sources.toJson(), StandardCharsets.UTF_8))
                .contains("\"a-ab12\" : \"0-2,7\"", "\"b-c-ff00\" : \"10\"");
        assertThat(Sources.fromJson(sources.toJson())).isEqualTo(sources);
    }

    @Test
    void whatIsWrittenIsReadBack() throws Exception {
        var random = new Random(7);
        for (int i = 0; i < 500; i++) {
            var names = new TreeSet<String>();
            for (int n = random.nextInt(100); n > 0; n--) {
                names.add("pod-ab12-" + random.nextInt(200));
            }
            assertThat(Sources.fromJson(sources(names).toJson())).isEqualTo(sources(names));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "[]",
                "{\"names\":{\"a\":\"x\"},\"pods\":[],\"ended\":[]}",
                "{\"names\":{\"a\":\"0-999999999999\"},\"pods\":[],\"ended\":[]}",
                "{\"names\":{\"a\":\"5-1\"},\"pods\":[],\"ended\":[]}"
            })
    void otherTextIsRefused(String json) {
        assertThatThrownBy(() -> Sources.fromJson(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class);
    }

    private static Sources sources(Set<String> names) {
        return new Sources(new TreeSet<>(names), new TreeSet<>(List.of("a", "b-c")), new TreeSet<>(List.of("a-ab12")));
    }
}
