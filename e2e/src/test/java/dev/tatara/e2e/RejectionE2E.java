package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.ObjectStore;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
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

    RejectionE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    @BeforeAll
    void areApplied() {
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
    }

    @Test
    void truncatedFileIsRejectedAndHealsWhenItIsWhole() {
        var uid = rejected("truncated", "CorruptModel").uid();
        put("truncated", ObjectStore.model("times-2"));
        heals("truncated", uid);
    }

    @Test
    void fileThatIsNoModelIsRejected() {
        rejected("no-model", "NotOnnx");
    }

    @Test
    void unsupportedOpsetIsRejected() {
        rejected("opset-999", "UnsupportedOpset", "999");
    }

    @Test
    void otherDigestIsRejectedForGood() {
        rejected("other", "DigestMismatch", "0".repeat(64));
        // The right bytes, whichever they would be, don't heal it: another version has to be made.
        put("other", ObjectStore.model("times-3"));
        await("the verdict holds while an impatient controller would have looked again")
                .during(Duration.ofSeconds(45))
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() ->
                        assertThat(namespace.modelVersion("other").phase()).isEqualTo("Rejected"));
        assertThat(jobs("other")).as("inspections").isEqualTo(1);
    }

    @Test
    void missingFileIsNamedAndHealsWhenItAppears() {
        var uid = failed("missing", "SourceNotFound", "missing.onnx").uid();
        put("missing", ObjectStore.model("times-2"));
        heals("missing", uid);
    }

    @Test
    void missingSecretIsNamedAndHealsWhenItAppears() {
        var uid =
                failed("guarded", "SecretMissing", "guard", "AWS_ACCESS_KEY_ID").uid();
        namespace.createSecret("guard", namespace.storeCredentials());
        heals("guarded", uid);
    }

    @Test
    void describeSaysWhy() {
        rejected("opset-999", "UnsupportedOpset");
        assertThat(namespace.kubectl("describe", "mv", "opset-999").succeeded())
                .contains("Warning", "UnsupportedOpset");
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

    private CustomObject rejected(String name, String reason, String... words) {
        var found = namespace.awaitModelVersion(name, version -> {
            assertThat(version.phase()).isEqualTo("Rejected");
            version.hasCondition("Verified", "False", reason, words).hasCondition("Ready", "False");
            version.hasCondition("Stalled", "True");
        });
        hasNoRestartLoop(name);
        return found;
    }

    private CustomObject failed(String name, String reason, String... words) {
        var found = namespace.awaitModelVersion(name, version -> {
            assertThat(version.phase()).isEqualTo("Failed");
            version.hasCondition("Verified", "False", reason, words).hasCondition("Ready", "False");
        });
        hasNoRestartLoop(name);
        return found;
    }

    /** What is tried again is tried with growing pauses, each time by one pod that isn't restarted. */
    private void hasNoRestartLoop(String name) {
        assertThat(namespace.pods(Map.of("mlops.tatara.dev/modelversion", name)))
                .hasSizeLessThanOrEqualTo(5)
                .allSatisfy(pod -> assertThat(pod.getStatus().getContainerStatuses())
                        .allSatisfy(container ->
                                assertThat(container.getRestartCount()).isZero()));
    }

    private void heals(String name, String uid) {
        var healed = namespace.awaitModelVersion(name, version -> version.hasCondition("Ready", "True"));
        assertThat(healed.uid()).isEqualTo(uid);
        assertThat(healed.phase()).isEqualTo("Ready");
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
