package dev.tatara.operator.modelversion.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.common.ConditionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionSpec;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatesTest {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    @ParameterizedTest(name = "{0} in {1}: {2}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            {metric: accuracy, min: 0.85}             | {accuracy: 0.85}              | -
            {metric: accuracy, min: 0.85}             | {accuracy: 0.8499}            | accuracy 0.8499 is below min 0.85 by 0.0001
            {metric: latencyP99Millis, max: 10}       | {latencyP99Millis: 10}        | -
            {metric: latencyP99Millis, max: 10}       | {latencyP99Millis: 10.5}      | latencyP99Millis 10.5 is above max 10 by 0.5
            {metric: accuracy, min: 0.85, max: 0.99}  | {accuracy: 0.995}             | accuracy 0.995 is above max 0.99 by 0.005
            {metric: error, min: -1, max: 0}          | {error: -0.3}                 | -
            {metric: sum, max: 0.3}                   | {sum: 0.30000000000000004}    | sum 0.30000000000000004 is above max 0.3 by 0.00000000000000004
            {metric: roc_auc, min: 0.9}               | {auc: 0.91}                   | -
            {metric: auc, min: 0.9}                   | {roc_auc: 0.89}               | auc 0.89 is below min 0.9 by 0.01
            """)
    void aBoundIsTheLastGoodValue(String gate, String metrics, String failure) {
        var judgement = judge("{metrics: " + metrics + ", gates: [" + gate + "]}", Map.of(), true);

        assertThat(judgement.holds()).isEqualTo(failure == null);
        if (failure != null) {
            assertThat(judgement.reason()).isEqualTo("GatesFailed");
            assertThat(judgement.message()).startsWith(failure + ".");
        }
    }

    @Test
    void whatTrainingSaysComesBeforeWhatVerificationMeasured() {
        var gates = "gates: [{metric: latencyP99Millis, max: 10}]";

        assertThat(judge("{metrics: {latencyP99Millis: 20}, " + gates + "}", Map.of("latencyP99Millis", 1.0), true)
                        .holds())
                .isFalse();
        assertThat(judge("{" + gates + "}", Map.of("latencyP99Millis", 1.0), true)
                        .holds())
                .isTrue();
    }

    @Test
    void everyFailureIsNamed() {
        var judgement = judge(
                "{metrics: {accuracy: 0.8, f1: 0.7}, gates: [{metric: accuracy, min: 0.85}, {metric: f1, min: 0.8}]}",
                Map.of(),
                true);

        assertThat(judgement.message())
                .startsWith("accuracy 0.8 is below min 0.85 by 0.05; f1 0.7 is below min 0.8 by 0.1.");
    }

    @Test
    void aMissingMetricFailsOnlyWhenVerificationCanNoLongerBringIt() {
        var spec = "{metrics: {accuracy: 0.9}, gates: [{metric: latencyP99Millis, max: 10}]}";

        assertThat(judge(spec, Map.of(), false).status()).isEqualTo(ConditionStatus.Unknown);
        var judgement = judge(spec, Map.of(), true);
        assertThat(judgement.status()).isEqualTo(ConditionStatus.False);
        assertThat(judgement.reason()).isEqualTo("MetricMissing");
        assertThat(judgement.message()).contains("no value of latencyP99Millis").contains("known are accuracy");
    }

    @Test
    void aGateThatCannotBeJudgedIsNeverPassedOver() {
        var judgement = judge(
                "{metrics: {accuracy: 0.9}, gates: [{metric: accuracy, notWorseThan: Production}]}", Map.of(), true);

        assertThat(judgement.reason()).isEqualTo("GateNotSupported");
        assertThat(judgement.holds()).isFalse();
    }

    @Test
    void noGatesArePassed() {
        assertThat(judge("{}", Map.of(), false).reason()).isEqualTo("NoGates");
    }

    private static Judgement judge(String spec, Map<String, Double> measurements, boolean verified) {
        var tree = YAML.<JsonNode>unmarshal("---\n" + spec, JsonNode.class);
        return Gates.judge(YAML.convertValue(tree, ModelVersionSpec.class), measurements, verified);
    }
}
