package dev.tatara.operator.inferenceservice.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** What pods are told about observing their traffic. */
class PodConfigurationTest {
    private static final LookedUpView SEPALS = new LookedUpView(
            "sepals",
            "flora",
            null,
            "redis",
            List.of(new LookedUpView.JoinKey("plant", ValueType.INT64)),
            List.of(
                    new LookedUpView.Feature("length", ValueType.DOUBLE, "5.0", null),
                    new LookedUpView.Feature("note", ValueType.STRING, null, true)));

    private final KubernetesSerialization serialization = new KubernetesSerialization();

    @Test
    void monitoringAndLoggingReachThePods() throws IOException {
        var properties = render("""
                ---
                monitoring: {pane: 30m, samplePercent: 25, ledger: true}
                logging: {samplePercent: 0.5, exclude: ['ssn', 'a\\b${HOME}, c'], hash: ['X[3]'], retention: 30d}
                """);

        assertThat(properties)
                .containsEntry("tatara.runtime.namespace", "shop")
                .containsEntry("tatara.runtime.service", "churn")
                .containsEntry("tatara.runtime.store.uri", "s3://models/store")
                .containsEntry("tatara.runtime.monitoring.pane", "PT30M")
                .containsEntry("tatara.runtime.monitoring.sample-percent", "25.0")
                .containsEntry("tatara.runtime.ledger.enabled", "true")
                .containsEntry("tatara.runtime.logging.sample-percent", "0.5")
                .containsEntry("tatara.runtime.logging.retention", "PT720H")
                .containsEntry("tatara.runtime.logging.exclude[0]", "ssn")
                .containsEntry("tatara.runtime.logging.exclude[1]", "a\\b$${HOME}, c")
                .containsEntry("tatara.runtime.logging.hash[0]", "X[3]")
                .containsEntry("tatara.runtime.traffic.table", "/app/traffic/table.json")
                .containsEntry("tatara.runtime.traffic.peer-port", "8083")
                .hasSize(13);
    }

    @Test
    void aClaimIsReadAloneSoNothingIsWrittenToIt() throws IOException {
        assertThat(render("---\nartifactStore: {uri: 'pvc://models/store'}\n"))
                .containsOnlyKeys(
                        "tatara.runtime.namespace",
                        "tatara.runtime.service",
                        "tatara.runtime.traffic.table",
                        "tatara.runtime.traffic.peer-port");
    }

    @Test
    void limitsReachThePods() throws IOException {
        assertThat(render("---\nlimits: {requestsPerSecond: 2000, perClient: 100, clientHeader: X-User}\n"))
                .containsEntry("tatara.runtime.limits.requests-per-second", "2000")
                .containsEntry("tatara.runtime.limits.per-client", "100")
                .containsEntry("tatara.runtime.limits.client-header", "X-User");
    }

    @Test
    void delaysOfMicrosecondsAreUnderstood() throws IOException {
        assertThat(render("---\nbatching: {maxDelay: 500us}\n"))
                .containsEntry("tatara.runtime.batching.max-delay", "PT0.0005S");
    }

    @Test
    void panesThatPodsWouldRefuseAreRefusedBefore() {
        for (var pane : List.of("900ms", "1h1s", "7d")) {
            assertThat(Support.refusal(spec("---\nmonitoring: {pane: " + pane + "}\n")))
                    .hasValueSatisfying(refusal -> assertThat(refusal.message()).contains(pane, "1s to 1h"));
        }
        assertThat(Support.refusal(spec("---\nmonitoring: {pane: 1h}\n"))).isEmpty();
    }

    @Test
    void whatIsLookedUpReachesThePods() throws IOException {
        assertThat(render(
                        "---\n{features: {featureViews: [{name: sepals}], timeout: 20ms, onMissing: Default}, logging: {samplePercent: 1}}\n",
                        List.of(SEPALS)))
                .containsEntry("tatara.runtime.features.file", "/app/config/features.json")
                .containsEntry("tatara.runtime.features.timeout", "PT0.02S")
                .containsEntry("tatara.runtime.features.on-missing", "default")
                .as("what is sensitive stays out of the log by either name")
                .containsEntry("tatara.runtime.logging.exclude[0]", "note")
                .containsEntry("tatara.runtime.logging.exclude[1]", "sepals__note");
    }

    @Test
    void timeoutsThatPodsWouldRefuseAreRefusedBefore() {
        for (var timeout : List.of("900us", "31s")) {
            assertThat(Support.refusal(
                            spec("---\n{features: {featureViews: [{name: a}], timeout: " + timeout + "}}\n")))
                    .hasValueSatisfying(refusal -> assertThat(refusal.message()).contains(timeout, "1ms to 30s"));
        }
        assertThat(Support.refusal(spec("---\n{features: {featureViews: [{name: a}], timeout: 1ms}}\n")))
                .isEmpty();
    }

    private Properties render(String specification) throws IOException {
        return render(specification, List.of());
    }

    private Properties render(String specification, List<LookedUpView> views) throws IOException {
        var service = new InferenceService();
        service.setMetadata(new ObjectMetaBuilder()
                .withNamespace("shop")
                .withName("churn")
                .withUid("3b9c5d3e")
                .build());
        service.setSpec(spec(specification));
        var digest = "1".repeat(64);
        var model = new ServedModel(
                "churn-1", "churn", "1", "sha256:" + digest, "s3://models/store/models/sha256/" + digest);
        var frozen = new PodRenderer(serialization)
                .render(
                        service,
                        RevisionContent.of(service.getSpec(), new ModelChoice.Chosen(model, ModelFacts.NONE, views)),
                        ModelFacts.NONE,
                        SimulatedCluster.SETTINGS);
        var properties = new Properties();
        properties.load(new StringReader(frozen.configuration()));
        return properties;
    }

    private InferenceServiceSpec spec(String specification) {
        return serialization.unmarshal(specification, InferenceServiceSpec.class);
    }
}
