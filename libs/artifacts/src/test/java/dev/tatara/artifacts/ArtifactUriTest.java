package dev.tatara.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactUriTest {
    @Test
    void eachSchemeIsReadAndWrittenBack() throws ArtifactException {
        assertThat(ArtifactUri.parse("s3://models/churn/3/model v1.onnx"))
                .isEqualTo(new ArtifactUri.S3("models", "churn/3/model v1.onnx"));
        assertThat(ArtifactUri.parse("s3://models")).isEqualTo(new ArtifactUri.S3("models", ""));
        assertThat(ArtifactUri.parse("file:///tmp/a%20b")).isEqualTo(new ArtifactUri.LocalFile(Path.of("/tmp/a b")));
        for (var text : new String[] {"s3://models/a/b", "https://host:8443/a/b?sig=x", "file:///tmp/a"}) {
            assertThat(ArtifactUri.parse(text).external()).isEqualTo(text);
        }
    }

    @Test
    void whatLiesBelowHasOneSlashBetween() throws ArtifactException {
        for (var store :
                new String[] {"s3://bkt", "s3://bkt/", "s3://bkt/p", "s3://bkt/p/", "file:///p", "https://h/p/"}) {
            assertThat(ArtifactUri.parse(store).resolve("models/x").external())
                    .isEqualTo(store.replaceFirst("/$", "") + "/models/x");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../../x", "/etc/passwd", ""})
    void nothingLeavesTheStore(String relative) throws ArtifactException {
        var store = ArtifactUri.parse("file:///store");

        assertThatThrownBy(() -> store.resolve(relative)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mlflow://churn/@champion    | mlflow:// names a registered model
            pvc://claim/model.onnx      | The operator mounts it
            gs://bucket/key             | expected one of the schemes s3, https, http, file
            model.onnx                  | expected a URI such as
            s3:///key                   | expected s3://bucket/key
            s3://bucket/../x            | must not have '..'
            https:///path               | expected https://host/path
            file://host/path            | expected file:///absolute/path
            """)
    void whatCantBeReadIsExplained(String text, String message) {
        assertThatThrownBy(() -> ArtifactUri.parse(text))
                .hasMessageContaining(message)
                .asInstanceOf(type(ArtifactException.class))
                .extracting(ArtifactException::kind)
                .isEqualTo(Kind.Unsupported);
    }

    @Test
    void secretsInAddressesStayOutOfMessages() throws ArtifactException {
        assertThat(ArtifactUri.parse("https://host/model.onnx?X-Amz-Signature=s3cret"))
                .hasToString("https://host/model.onnx");
        assertThatThrownBy(() -> ArtifactUri.parse("https://alice:s3cret@host/model.onnx"))
                .hasMessageContaining("https://host/model.onnx")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void belowTurnsResolveRound() throws Exception {
        for (var address : List.of("s3://bucket/models", "s3://bucket/models/", "s3://bucket", "file:///tmp/models")) {
            var folder = ArtifactUri.parse(address);
            assertThat(folder.resolve("churn/model 1.onnx").below(folder)).isEqualTo("churn/model 1.onnx");
        }
        var other = ArtifactUri.parse("s3://other/models");
        assertThatThrownBy(() -> ArtifactUri.parse("s3://bucket/models/a").below(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("s3://other/models");
    }
}
