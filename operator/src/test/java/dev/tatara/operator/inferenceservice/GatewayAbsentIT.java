package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.operator.testing.MortalClient;
import dev.tatara.testing.CachedTool;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Operators in clusters that have no Gateways, and operators that aren't to use them. */
class GatewayAbsentIT extends GatewayScene {
    private static final String GATEWAY = "provider: GatewayAPI, gatewayApi: {parentRefs: [{name: public}]}";

    private boolean isSwitchedOff;

    @Override
    Map<String, String> settings() {
        return isSwitchedOff ? Map.of() : super.settings();
    }

    @Test
    void whatIsSwitchedOffIsRefused() {
        isSwitchedOff = true;
        start(MortalClient.immortal(api));
        ready(version(1));
        applyCanary(GATEWAY, "", STEPS);
        awaitCondition("Accepted", "False", "NotSupported");
        assertThat(message("Accepted")).contains("GatewayAPI", "traffic.gatewayApi.enabled", "Embedded");

        applyCanary("provider: Embedded", "", STEPS);
        awaitServed("churn-1");
    }

    @Test
    void missingKindsAreSaidAndWaitedFor() {
        start(MortalClient.immortal(api));
        ready(version(1));
        applyCanary(GATEWAY, "", STEPS);
        awaitCondition("Accepted", "False", "NotSupported");
        assertThat(message("Accepted")).contains("HTTPRoute of gateway.networking.k8s.io/v1", "Definitions");

        api.installCrds(CachedTool.folder("gateway-api"));
        await().atMost(LIMIT.multipliedBy(2)).until(() -> isServed("churn-1"));
        awaitBackends(status().stable().revision());
        awaitCondition("TrafficConverged", "False", "RoutePending");
    }
}
