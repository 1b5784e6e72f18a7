package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.ModelEndpoint;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From two manifests to right answers, and what kubectl tells on the way. */
@OnCluster
class ServingE2E {
    private final TestNamespace namespace;
    private final String manifests;

    ServingE2E(TestNamespace namespace) {
        this.namespace = namespace;
        // The service first: the order in which manifests are applied must not matter.
        this.manifests = Manifests.pinned("double", "double-1", 2) + "---\n"
                + Manifests.modelVersion("double-1", "double", "1", namespace.upload("times-2"), "Production");
    }

    @BeforeAll
    void isServed() {
        namespace.apply(manifests);
        for (var object : new String[] {"modelversion/double-1", "inferenceservice/double"}) {
            namespace
                    .kubectl("wait", "--for=condition=Ready", object, "--timeout=" + Cluster.LIMIT.toSeconds() + "s")
                    .succeeded();
        }
        namespace.awaitServing("double", "double-1");
    }

    @Test
    void answersAreRight() {
        assertThat(new ModelEndpoint(namespace.address("double"), "double").ask())
                .isEqualTo(2);
    }

    @Test
    void statusTellsWhatIsServed() {
        var version = namespace.modelVersion("double-1");
        assertThat(version.phase()).isEqualTo("Ready");
        assertThat(version.status("stage")).isEqualTo("Production");
        assertThat(String.valueOf(version.status("digest"))).matches("sha256:[0-9a-f]{64}");
        assertThat(version.status("opset")).isEqualTo(17);
        assertThat(String.valueOf(version.status("signature", "inputs"))).contains("FP32");
        version.hasCondition("Verified", "True").hasCondition("GatesPassed", "True");
        namespace.awaitModelVersion(
                "double-1",
                object -> assertThat(object.status("usedBy")).asString().contains("double"));

        // A first revision serves with its first pod; the second may take a moment more.
        var service =
                namespace.awaitInferenceService("double", object -> assertThat(object.status("stable", "readyReplicas"))
                        .isEqualTo(2));
        assertThat(service.phase()).isEqualTo("Ready");
        assertThat(service.status("stable", "digest")).isEqualTo(version.status("digest"));
        assertThat(service.status("url")).isEqualTo("http://double." + namespace.name() + ".svc");
    }

    @Test
    void kubectlGetTellsTheStory() {
        var listed = namespace.kubectl("get", "mv,infsvc").succeeded();
        assertThat(listed).contains("MODEL", "STAGE", "PHASE", "STABLE", "READY", "AGE");
        assertThat(listed).containsPattern("double-1 +double +1 +Production +Ready");
        assertThat(listed).containsPattern("inferenceservice.*double .*double-1.* Ready");
        assertThat(namespace.kubectl("get", "ml").succeeded()).contains("double-1");
    }

    @Test
    void kubectlDescribeShowsConditionsAndEvents() {
        assertThat(namespace.kubectl("describe", "mv", "double-1").succeeded())
                .contains("Verified", "Digest", "sha256:", "Events:")
                .doesNotContain("Events:  <none>");
        assertThat(namespace.kubectl("describe", "infsvc", "double").succeeded())
                .contains("UpToDate", "Events:")
                .doesNotContain("Events:  <none>");
    }

    @Test
    void applyingTheSameAgainChangesNothing() {
        var before = namespace.apply(manifests).stream()
                .map(HasMetadata::getMetadata)
                .toList();
        var again = namespace.apply(manifests).stream()
                .map(HasMetadata::getMetadata)
                .toList();
        assertThat(again).allSatisfy(metadata -> assertThat(before)
                .anySatisfy(
                        earlier -> assertThat(metadata.getResourceVersion()).isEqualTo(earlier.getResourceVersion())));
        assertThat(namespace.inferenceService("double").resource().getMetadata().getGeneration())
                .isEqualTo(1);
    }

    @Test
    void podsHoldNoKeyToTheApiServer() {
        assertThat(namespace.pods(Map.of("mlops.tatara.dev/inferenceservice", "double")))
                .hasSize(2)
                .allSatisfy(pod -> {
                    assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
                    assertThat(pod.getSpec().getVolumes()).noneMatch(volume -> volume.getProjected() != null);
                });
    }
}
