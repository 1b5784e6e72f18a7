package dev.tatara.operator.inferenceservice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeTargetTest {
    private static final String ADDRESS = "addresses: [{type: IPAddress, value: 10.0.0.7}]";

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            -   | -    | ''                              | http://10.0.0.7:80 as tatara-probe.example.com
            tls | -    | ''                              | https://10.0.0.7:443 as shop.example.com
            -   | 8080 | ''                              | http://10.0.0.7:8080 as 10.0.0.7
            -   | 8080 | churn.example.org | http://10.0.0.7:8080 as churn.example.org
            web | -    | churn.example.org | -
            web | -    | churn.example.org,a.example.com | http://10.0.0.7:80 as a.example.com
            web | -    | *.b.example.com | http://10.0.0.7:80 as tatara-probe.b.example.com
            tls | -    | *.example.com | https://10.0.0.7:443 as shop.example.com
            raw | -    | ''                              | -
            -   | 81   | ''                              | -
            """)
    void isAListenerThatTakesTheRoute(String section, Integer port, String hostnames, String expected) {
        assertThat(target(ADDRESS, section, port, hostnames).map(ProbeTarget::where))
                .isEqualTo(Optional.ofNullable(expected));
    }

    @Test
    void aGatewayWithoutAnAddressHasNone() {
        assertThat(target("addresses: []", null, null, "")).isEmpty();
    }

    private static Optional<ProbeTarget> target(String status, String section, Integer port, String hostnames) {
        var gateway = Serialization.unmarshal("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: public}
                spec:
                  gatewayClassName: any
                  listeners:
                    - {name: raw, port: 9000, protocol: TCP}
                    - {name: web, port: 80, protocol: HTTP, hostname: "*.example.com"}
                    - {name: tls, port: 443, protocol: HTTPS, hostname: shop.example.com}
                    - {name: any, port: 8080, protocol: HTTP}
                status: {%s}
                """.formatted(status), Gateway.class);
        return ProbeTarget.of(
                gateway, section, port, hostnames.isEmpty() ? List.of() : List.of(hostnames.split(",", -1)));
    }
}
