package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.ObjectStore;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Files that can't be served: each says why and what to do, no attempt is repeated in a loop, and what is the fault of
 * the surroundings heals by itself.
 */
@OnCluster
class RejectionE2E {
    private final TestNamespace namespace;
    private final Cluster cluster;
    private final Map<String, CustomObject> verdicts = new HashMap<>();

    RejectionE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    /** Applies them all, keeps the first verdict on each, then takes away the causes that can go. */
    @BeforeAll
    void areJudged() {
        var good = ObjectStore.model("times-2");
        put("truncated", Arrays.copyOf(good, good.length / 2));
        put("no-model", "PK\3\4 this is no model".getBytes(StandardCharsets.UTF_8));
        put("opset-999", ObjectStore.model("opset-999"));
        put("other", good);
        put("guarded", good);
        namespace.apply(String.join(
                "---\n",
                version("missing", uri("missing")),
                version("truncated", uri("truncated")),
                version("no-model", uri("no-model")),
                version("opset-999", uri("opset-999")),
                version("other", uri("other") + ", sha256: " + "0".repeat(64)),
                version("guarded", uri("guarded") + ", secretRef: {name: guard}")));
        for (var name : List.of("missing", "truncated", "no-model", "opset-999", "other", "guarded")) {
            verdicts.put(name, namespace.awaitModelVersion(name, version -> assertThat(version.phase())
                    .isIn("Rejected", "Failed")));
        }
        put("missing", good);
        put("truncated", good);
        put("other", ObjectStore.model("times-3"));
        namespace.createSecret("guard", namespace.storeCredentials());
    }

    @Test
    void truncatedFileIsRejectedAndHealsWhenItIsWhole() {
        rejected("truncated", "CorruptModel", "cut off");
        heals("truncated");
    }

    @Test
    void fileThatIsNoModelIsRejected() {
        rejected("no-model", "NotOnnx");
    }

    @Test
    void unsupportedOpsetIsRejected() {
        rejected("opset-999", "UnsupportedOpset", "999");
        assertThat(namespace.kubectl("describe", "mv", "opset-999").succeeded())
                .contains("Warning", "UnsupportedOpset");
    }

    @Test
    void missingFileIsNamedAndHealsWhenItAppears() {
        failed("missing", "SourceNotFound", "missing.onnx");
        heals("missing");
    }

    @Test
    void missingSecretIsNamedAndHealsWhenItAppears() {
        failed("guarded", "SecretMissing", "guard", "AWS_ACCESS_KEY_ID");
        heals("guarded");
    }

    @Test
    void otherDigestIsRejectedForGood() {
        rejected("other", "DigestMismatch", "0".repeat(64));
        // The healing of the others takes as long as an impatient controller would need to look again.
        heals("truncated");
        rejected("other", "DigestMismatch");
        assertThat(namespace.modelVersion("other").phase()).isEqualTo("Rejected");
        assertThat(jobs("other")).as("inspections").isEqualTo(1);
    }

    private void put(String name, byte[] bytes) {
        cluster.store().put(namespace.key(name + ".onnx"), bytes);
    }

    private String uri(String name) {
        return "uri: \"s3://models/" + namespace.key(name + ".onnx") + "\"";
    }

    private static String version(String name, String source) {
        return Manifests.modelVersionFrom(name, name, "1", source);
    }

    private void rejected(String name, String reason, String... words) {
        var verdict = verdicts.get(name);
        assertThat(verdict.phase()).isEqualTo("Rejected");
        verdict.hasCondition("Verified", "False", reason, words)
                .hasCondition("Ready", "False", reason, words)
                .hasCondition("Stalled", "True");
        hasNoRestartLoop(name);
    }

    private void failed(String name, String reason, String... words) {
        var verdict = verdicts.get(name);
        assertThat(verdict.phase()).isEqualTo("Failed");
        verdict.hasCondition("Verified", "False", reason, words).hasCondition("Ready", "False", reason, words);
        hasNoRestartLoop(name);
    }

    /** What is tried again is tried with growing pauses, each time by one pod that isn't restarted. */
    private void hasNoRestartLoop(String name) {
        assertThat(namespace.pods(Map.of("mlops.tatara.dev/modelversion", name)))
                .hasSizeLessThanOrEqualTo(8)
                .allSatisfy(pod -> assertThat(pod.getStatus().getContainerStatuses())
                        .allSatisfy(container ->
                                assertThat(container.getRestartCount()).isZero()));
    }

    private void heals(String name) {
        var healed = namespace.awaitModelVersion(name, version -> version.hasCondition("Ready", "True"));
        assertThat(healed.uid()).isEqualTo(verdicts.get(name).uid());
        assertThat(healed.phase()).isEqualTo("Ready");
        assertThat(healed.condition("Stalled")).isEmpty();
        assertThat(jobs(name)).as("inspections of %s", name).isLessThanOrEqualTo(8);
    }

    private int jobs(String name) {
        return cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace.name())
                .withLabel("mlops.tatara.dev/modelversion", name)
                .list()
                .getItems()
                .size();
    }
}
