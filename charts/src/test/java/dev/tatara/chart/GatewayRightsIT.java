package dev.tatara.chart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What more the operator may do where services may stand behind Gateways and in meshes; {@link OperatorRightsIT} has where not. */
class GatewayRightsIT {
    private static InstalledChart chart;

    @BeforeAll
    static void install() {
        chart = InstalledChart.start("traffic.gatewayApi.enabled=true", "traffic.istio.enabled=true");
        chart.namespace("team-a");
    }

    @AfterAll
    static void stop() {
        chart.close();
    }

    @ParameterizedTest(name = "the operator {0} {1} {3}")
    @CsvSource(delimiter = '|', textBlock = """
            may     | watch  | gateway.networking.k8s.io | httproutes
            may     | patch  | gateway.networking.k8s.io | httproutes
            may     | delete | gateway.networking.k8s.io | grpcroutes
            may     | get    | gateway.networking.k8s.io | gateways
            may     | get    | gateway.networking.k8s.io | gatewayclasses
            may     | patch  | networking.istio.io       | virtualservices
            may     | delete | networking.istio.io       | destinationrules
            may not | patch  | gateway.networking.k8s.io | httproutes/status
            may not | list   | gateway.networking.k8s.io | gateways
            may not | patch  | gateway.networking.k8s.io | gateways
            may not | create | gateway.networking.k8s.io | gateways
            may not | list   | networking.istio.io       | gateways
            """)
    void mayWriteRoutesAndReadGateways(String may, String verb, String group, String resource) {
        assertThat(OperatorRightsIT.allowed(chart, InstalledChart.OPERATOR, verb, group, resource, "team-a"))
                .isEqualTo(may.equals("may"));
    }
}
