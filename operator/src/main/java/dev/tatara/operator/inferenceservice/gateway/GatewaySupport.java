package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import dev.tatara.api.v1alpha1.inferenceservice.Traffic;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import dev.tatara.api.v1alpha1.rollout.Rollout.Strategy;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import java.util.Optional;
import java.util.Set;

/**
 * What of a rollout a Gateway or a mesh can honour. What it can't is refused before anything is rolled out, never
 * silently ignored.
 */
public final class GatewaySupport {
    private static final String EMBEDDED = "; use spec.traffic.provider Embedded, or leave it out";

    private GatewaySupport() {}

    /**
     * What would be routed otherwise than asked.
     *
     * @param features what the GatewayClass says it supports, in status.supportedFeatures; empty where it doesn't say
     */
    public static Optional<Refusal> refusal(InferenceServiceSpec spec, Set<String> features) {
        var provider = spec.traffic().provider();
        var rollout = spec.rollout();
        if (rollout != null && asksForSticky(rollout)) {
            return refused("spec.rollout asks for sticky requests, and provider " + provider
                    + " knows no hash of a header that outlives a change of weights" + EMBEDDED);
        }
        if (rollout != null && rollout.strategy() == Strategy.Shadow) {
            return refused("spec.rollout.strategy Shadow compares the answers to copies, which provider " + provider
                    + " throws away; use Canary with a step that has shadow, and a check of type prometheus or job"
                    + EMBEDDED.replace("; use", ", or"));
        }
        return provider == Traffic.Provider.GatewayAPI && !features.isEmpty()
                ? missing(spec, features)
                : Optional.empty();
    }

    private static Optional<Refusal> missing(InferenceServiceSpec spec, Set<String> features) {
        var percent = spec.rollout() == null ? 0 : mirrored(spec.rollout());
        if (percent > 0 && !features.contains("HTTPRouteRequestMirror")) {
            return refused("the Gateway's class doesn't support copies of requests (HTTPRouteRequestMirror), which"
                    + " spec.rollout asks for; leave shadow out" + EMBEDDED);
        }
        if (percent > 0 && percent < Routing.ALL && !features.contains("HTTPRouteRequestPercentageMirror")) {
            return refused("the Gateway's class can copy all requests or none (HTTPRouteRequestPercentageMirror), and"
                    + " spec.rollout asks for " + percent + " %; make it 100" + EMBEDDED);
        }
        var protocols = spec.protocols();
        var isGrpc = protocols == null || !Boolean.FALSE.equals(protocols.grpc());
        var isRest = protocols == null || !Boolean.FALSE.equals(protocols.rest());
        if (isGrpc && !isRest && !features.contains("GRPCRoute")) {
            return refused("the Gateway's class doesn't support GRPCRoute, and the service speaks gRPC only;"
                    + " let it speak REST too, and one HTTPRoute is made for both" + EMBEDDED);
        }
        if (isGrpc && isRest && !features.contains("HTTPRouteBackendProtocolH2C")) {
            return refused("the Gateway's class doesn't speak HTTP/2 to what is behind it"
                    + " (HTTPRouteBackendProtocolH2C), which gRPC needs; set spec.protocols.grpc to false" + EMBEDDED);
        }
        return Optional.empty();
    }

    private static boolean asksForSticky(Rollout rollout) {
        return rollout.strategy() == Strategy.ABTest
                || (rollout.strategy() == Strategy.Canary
                        && rollout.canary() != null
                        && rollout.canary().sticky() != null);
    }

    /** The smallest part of the requests that any step copies, in percent; 0 if none copies. */
    private static int mirrored(Rollout rollout) {
        return rollout.strategy() == Strategy.Canary && rollout.canary() != null
                ? rollout.canary().steps().stream()
                        .filter(step -> step.shadow() != null)
                        .mapToInt(step -> step.shadow().percent())
                        .min()
                        .orElse(0)
                : 0;
    }

    private static Optional<Refusal> refused(String message) {
        return Optional.of(new Refusal(Refusal.NOT_SUPPORTED, message));
    }
}
