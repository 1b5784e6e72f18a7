package dev.tatara.runtime.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureFileTest {
    @TempDir
    private Path folder;

    @Test
    void viewsAreReadAndWhatIsNewIsPassedOver() throws Exception {
        var views = FeatureFile.read("""
                {"version": 2, "views": [{"name": "user-activity", "project": "shop", "ttl": "PT24H", "store": "redis",
                  "joinKeys": [{"name": "user_id", "type": "INT64"}], "tags": {"a": ["b"]},
                  "features": [{"name": "logins_7d", "type": "INT64", "default": "3", "sensitive": true},
                               {"name": "tags", "type": "STRING_LIST"}]}]}
                """.getBytes(UTF_8));

        assertThat(views).hasSize(1);
        assertThat(views.getFirst().store()).isEqualTo("redis");
        var view = views.getFirst().view();
        assertThat(view.ttl()).isEqualTo(Duration.ofHours(24));
        assertThat(view.joinKeys()).containsExactly(new JoinKey("user_id", FeatureType.INT64));
        assertThat(view.features())
                .containsExactly(
                        new OnlineFeature("logins_7d", FeatureType.INT64, 3L),
                        new OnlineFeature("tags", FeatureType.STRING_LIST));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                {}                                                          | found no view
                []                                                          | must be an object
                {"views": [                                                 | ends inside an array
                {"views": [{"name": "a"}]}                                  | "project" is missing
                {"views": [{"name": "a", "project": "p", "store": "s"}]}    | expected a join key
                {"views": [{"name": "a", "project": "p", "joinKeys": [{"name": "k", "type": "FLOAT"}]}]} | FLOAT
                {"views": [{"name": "a", "project": "p", "joinKeys": [{"name": "k", "type": "TEXT"}]}]} | TEXT
                {"views": [{"name": "a", "ttl": "1 day"}]}                  | "project" is missing
                """)
    void whatIsWrongIsSaidWithTheFile(String text, String words) throws Exception {
        var file = Files.writeString(folder.resolve("features.json"), text);
        assertThatThrownBy(() -> FeatureFile.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words)
                .hasMessageContaining("tatara.runtime.features.file")
                .hasMessageContaining(file.toString());
    }

    @Test
    void aFileThatIsNotThereIsSaid() {
        assertThatThrownBy(() -> FeatureFile.read(folder.resolve("none.json"))).hasMessageContaining("can't be read");
    }
}
