package dev.tatara.operator.inferenceservice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatewaySupportTest {
    private static final Set<String> UNSAID = Set.of();
    private static final Set<String> PLAIN = Set.of("HTTPRoute", "HTTPRouteBackendProtocolH2C");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {strategy: Canary, canary: {steps: [{name: a, weight: 100}], sticky: {header: x-user}}} | sticky
            {strategy: ABTest}                                                                      | sticky
            {strategy: Shadow}                                                                      | Shadow
            """)
    void whatNoGatewayCanDoIsRefusedWhateverItSays(String rollout, String named) {
        for (var provider : new String[] {"GatewayAPI", "Istio"}) {
            assertThat(refusal(provider, rollout, "{}", UNSAID))
                    .hasValueSatisfying(refusal -> assertThat(refusal.message()).contains(named, provider, "Embedded"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {strategy: Canary, canary: {steps: [{name: a, weight: 5, shadow: {percent: 100}}]}}         | HTTPRouteRequestMirror
            {strategy: Canary, canary: {steps: [{name: a, weight: 5, shadow: {percent: 20}}]}}          | HTTPRouteRequestMirror
            """)
    void copiesAreRefusedWhereTheGatewayHasNone(String rollout, String named) {
        assertThat(refusal("GatewayAPI", rollout, "{}", PLAIN))
                .hasValueSatisfying(refusal -> assertThat(refusal.message()).contains(named));
        assertThat(refusal("GatewayAPI", rollout, "{}", UNSAID)).isEmpty();
        assertThat(refusal("Istio", rollout, "{}", PLAIN)).isEmpty();
    }

    @Test
    void aPartOfTheRequestsIsAFeatureOfItsOwn() {
        var some = Set.of("HTTPRouteRequestMirror", "HTTPRouteBackendProtocolH2C");
        var all = Set.of("HTTPRouteRequestMirror", "HTTPRouteRequestPercentageMirror", "HTTPRouteBackendProtocolH2C");
        assertThat(refusal("GatewayAPI", copies(20), "{}", some))
                .hasValueSatisfying(refusal -> assertThat(refusal.message()).contains("20 %"));
        assertThat(refusal("GatewayAPI", copies(20), "{}", all)).isEmpty();
        assertThat(refusal("GatewayAPI", copies(100), "{}", some)).isEmpty();
    }

    @Test
    void grpcNeedsAGatewayThatSpeaksIt() {
        var http = Set.of("HTTPRoute");
        assertThat(refusal("GatewayAPI", "{}", "{}", http))
                .hasValueSatisfying(refusal -> assertThat(refusal.message()).contains("HTTPRouteBackendProtocolH2C"));
        assertThat(refusal("GatewayAPI", "{}", "{rest: false}", PLAIN))
                .hasValueSatisfying(refusal -> assertThat(refusal.message()).contains("GRPCRoute"));
        assertThat(refusal("GatewayAPI", "{}", "{grpc: false}", http)).isEmpty();
    }

    private static String copies(int percent) {
        return "{strategy: Canary, canary: {steps: [{name: a, weight: 5, shadow: {percent: %d}}]}}".formatted(percent);
    }

    private static Optional<Refusal> refusal(String provider, String rollout, String protocols, Set<String> features) {
        var spec = Serialization.unmarshal("""
                model: {versionRef: {name: churn-1}}
                protocols: %s
                rollout: %s
                traffic: {provider: %s}
                """.formatted(protocols, rollout, provider), InferenceServiceSpec.class);
        return GatewaySupport.refusal(spec, features);
    }
}
