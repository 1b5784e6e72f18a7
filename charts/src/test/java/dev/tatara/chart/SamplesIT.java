package dev.tatara.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sample is taken by the real schema, changes nothing when applied again, and says what it shows. */
class SamplesIT {
    @AutoClose
    private static final KubeApi api = KubeApi.start();

    @BeforeAll
    static void start() {
        api.installCrds(Repository.MANIFESTS);
    }

    static Stream<Path> samples() {
        return Repository.in(Repository.SAMPLES, ".yaml").stream();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void areTakenAndLeaveNothingToDoTheSecondTime(Path sample) {
        var text = Repository.read(sample);
        assertThat(text).as("a comment on top says what the sample shows").startsWith("# ");

        for (var document : text.split("(?m)^---$", -1)) {
            var object = api.client().getKubernetesSerialization().unmarshal(document, GenericKubernetesResource.class);
            var first = api.client().resource(object).fieldManager("kubectl").serverSideApply();
            var second = api.client().resource(object).fieldManager("kubectl").serverSideApply();
            assertThat(second.getMetadata().getResourceVersion())
                    .isEqualTo(first.getMetadata().getResourceVersion());
            // Nothing was dropped silently as unknown.
            assertThat(first.getAdditionalProperties().get("spec"))
                    .isEqualTo(object.getAdditionalProperties().get("spec"));
        }
    }
}
