package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.kubernetes.Digests;
import java.util.Optional;

/**
 * What tells that a Gateway's data plane has a route as it is now. The route marks a request that bears its token and
 * leads it to one revision; that revision's pods say the mark back. Before, or by another state of the route, the same
 * request is an ordinary one, and nobody says anything back.
 *
 * @param token of this state of the route, 10 hexadecimal digits
 * @param revision who answers the probe
 */
record RouteProbe(String token, String revision) {
    /** The request's header with the token. */
    static final String ASKED = "tatara-probe";

    /** The header by which the route marks such requests, and in which pods say it back. */
    static final String MARKED = "tatara-route";

    /** What is asked for over REST, and the gRPC service and method. */
    static final String PATH = "/v2/health/ready";

    static final String HEALTH = "grpc.health.v1.Health";
    static final String CHECK = "Check";

    private static final int LENGTH = 10;

    /** The probe of a route; empty where all requests go to the same revision, whose pods have nothing to tell apart. */
    static Optional<RouteProbe> of(Routing routing) {
        return routing.shares().size() == 1
                ? Optional.empty()
                : routing.shares().stream()
                        .filter(share -> !share.closed())
                        .findFirst()
                        .map(share -> new RouteProbe(Digests.of(routing, LENGTH), share.revision()));
    }
}
