package dev.tatara.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.ConditionStatus;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Java types read what is stored and write it back the same, whichever version wrote it. */
class RoundTripTest {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    static Stream<Corpus.Case> valid() {
        return Corpus.valid();
    }

    @ParameterizedTest
    @MethodSource("valid")
    void writingBackAddsAndLosesNothing(Corpus.Case sample) {
        var object = sample.objects().getFirst();
        Class<?> type = Manifests.KINDS.stream()
                .filter(kind -> kind.name().equals(object.getKind()))
                .findFirst()
                .orElseThrow()
                .resource();

        JsonNode written = JSON.convertValue(object, JsonNode.class);
        JsonNode back = JSON.convertValue(JSON.convertValue(object, type), JsonNode.class);

        assertThat(comparable(back.get("spec"))).isEqualTo(comparable(written.get("spec")));
        assertThat(back.has("status")).isFalse();
        assertThat(JSON.convertValue(JSON.convertValue(back, type), JsonNode.class))
                .isEqualTo(back);
    }

    @Test
    void whatANewerVersionWroteIsPassedOver() {
        InferenceService service = JSON.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: churn}
                spec:
                  model: {follow: {model: churn, stage: Canary}}
                  rollout: {strategy: Telepathy, analysis: {interval: fortnight, checks: [{name: a, omen: {}}]}}
                  streaming: {topic: requests}
                status:
                  phase: Levitating
                  conditions: [{type: Ready, status: Perhaps, reason: Later, message: ""}]
                """, InferenceService.class);

        assertThat(service.getSpec().model().follow().model()).isEqualTo("churn");
        assertThat(service.getSpec().model().follow().stage()).isNull();
        assertThat(service.getSpec().rollout().strategy()).isNull();
        assertThat(service.getSpec().rollout().analysis().interval()).isNull();
        assertThat(service.getSpec().rollout().analysis().checks()).hasSize(1);
        assertThat(service.getStatus().phase()).isNull();
        assertThat(service.getStatus().conditions().getFirst().status()).isNull();
    }

    @Test
    void unknownElementsOfAListAreAbsent() {
        DriftPolicy policy = JSON.unmarshal("""
                kind: DriftPolicy
                spec: {actions: [{name: a, when: [Omen, DataDrift], then: Retrain}]}
                """, DriftPolicy.class);

        assertThat(policy.getSpec().actions().getFirst().when()).hasSize(1);
    }

    @Test
    void absentListsAndMapsAreEmpty() {
        ModelVersion version = JSON.unmarshal("kind: ModelVersion\nspec: {model: churn}\n", ModelVersion.class);

        assertThat(version.getSpec().gates()).isEmpty();
        assertThat(version.getSpec().metrics()).isEmpty();
        assertThat(version.getStatus()).isNull();
    }

    @Test
    void emptyStatusesWriteNothing() {
        assertThat(JSON.asJson(ModelVersionStatus.EMPTY)).isEqualTo("{}");
        assertThat(JSON.asJson(InferenceServiceStatus.EMPTY)).isEqualTo("{}");
    }

    @Test
    void conditionsAreWrittenAsMetav1Writes() {
        Condition condition = new Condition(
                "Ready", ConditionStatus.False, 3L, Instant.parse("2026-11-02T03:04:05.678Z"), "Waiting", null);

        assertThat(JSON.asJson(condition)).isEqualTo("""
                {"type":"Ready","status":"False","observedGeneration":3,\
                "lastTransitionTime":"2026-11-02T03:04:05Z","reason":"Waiting","message":""}""");
        assertThat(JSON.unmarshal(JSON.asJson(condition), Condition.class)).isEqualTo(condition);
    }

    @Test
    void stagesAreNotTakenForAbsent() {
        ModelVersion version = JSON.unmarshal("kind: ModelVersion\nspec: {stage: None}\n", ModelVersion.class);

        assertThat(version.getSpec().stage()).isEqualTo(Stage.None);
        assertThat(JSON.asJson(new TimeSpan("7d"))).isEqualTo("\"7d\"");
    }

    /** 1 and 1.0 are one number, and quantities may be written as numbers. */
    private static JsonNode comparable(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                ObjectNode copy = object.objectNode();
                object.properties().forEach(entry -> copy.set(entry.getKey(), comparable(entry.getValue())));
                yield copy;
            }
            case ArrayNode array -> {
                ArrayNode copy = array.arrayNode();
                array.forEach(element -> copy.add(comparable(element)));
                yield copy;
            }
            default ->
                TextNode.valueOf(
                        node.isNumber()
                                ? BigDecimal.valueOf(node.doubleValue())
                                        .stripTrailingZeros()
                                        .toPlainString()
                                : node.asText());
        };
    }
}
