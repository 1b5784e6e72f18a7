package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.Traffic.GatewayApi;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCBackendRef;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCBackendRefBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRouteBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRouteFilterBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRouteMatchBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRouteRule;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRouteRuleBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPBackendRef;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPBackendRefBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPHeaderFilter;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPHeaderFilterBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRequestMirrorFilter;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRequestMirrorFilterBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteFilterBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteMatch;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteMatchBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteRule;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteRuleBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReference;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReferenceBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Routes of the Gateway API, version 1, and the Services of the revisions that they lead to.
 *
 * <p>Of two routes of different kinds that share a host name at one listener, a Gateway must accept exactly one (the API
 * reference of GRPCRoute). So a service that speaks both protocols has one HTTPRoute, which tells gRPC by its paths; a
 * GRPCRoute is for a service that speaks nothing else.
 *
 * <p>Rules that weights decide about come first, those that come and go with a rollout after them: which rule a request
 * meets is told by how much it says, not by its place, and data planes name what is behind a rule by its place. Had it
 * another place, requests would go to something that the data plane doesn't know yet.
 */
public final class GatewayRoutes {
    /** The services of gRPC that pods have: the first part of its paths. */
    private static final List<String> GRPC_SERVICES = List.of(
            "inference.GRPCInferenceService",
            RouteProbe.HEALTH,
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection");

    private static final List<HTTPRouteMatch> GRPC_PATHS =
            GRPC_SERVICES.stream().map(service -> pathPrefix("/" + service)).toList();

    private static final List<HTTPRouteMatch> ALL_PATHS = List.of(pathPrefix("/"));

    private static final String EXACT = "Exact";
    /** What marks requests by a header. Every Gateway can. */
    private static final String MARK = "RequestHeaderModifier";

    private final GatewayApi spec;
    private final Routing routing;
    private final Backends backends;

    private GatewayRoutes(InferenceService owner, Routing routing) {
        this.spec = owner.getSpec().traffic().gatewayApi();
        this.routing = routing;
        this.backends = new Backends(owner);
    }

    /**
     * Renders the Services first, and the route that leads to them.
     *
     * @param owner a service with provider GatewayAPI
     */
    public static List<HasMetadata> render(InferenceService owner, Routing routing) {
        return new GatewayRoutes(owner, routing).render();
    }

    private List<HasMetadata> render() {
        var objects = new ArrayList<HasMetadata>();
        routing.shares().forEach(share -> objects.add(backends.of(share.revision())));
        objects.add(backends.http().isPresent() ? httpRoute() : grpcRoute());
        return List.copyOf(objects);
    }

    private HTTPRoute httpRoute() {
        var http = backends.http();
        var grpc = backends.grpc();
        var rules = new ArrayList<HTTPRouteRule>();
        grpc.ifPresent(port -> rules.add(httpDivided(port, GRPC_PATHS)));
        http.ifPresent(port -> rules.add(httpDivided(port, ALL_PATHS)));
        grpc.ifPresent(port -> rules.addAll(httpMatched(port, GRPC_PATHS)));
        http.ifPresent(port -> rules.addAll(httpMatched(port, ALL_PATHS)));
        http.flatMap(this::httpProbe).ifPresent(rules::add);
        return new HTTPRouteBuilder()
                .withMetadata(backends.metadata())
                .withNewSpec()
                .withParentRefs(parents())
                .withHostnames(spec.hostnames())
                .withRules(rules)
                .endSpec()
                .build();
    }

    /** What is matched by headers. A route has 16 rules at most, and a rule 64 matches. */
    private List<HTTPRouteRule> httpMatched(int port, List<HTTPRouteMatch> paths) {
        return matches().entrySet().stream()
                .map(matched -> new HTTPRouteRuleBuilder()
                        .withMatches(matched.getValue().stream()
                                .flatMap(match -> paths.stream().map(path -> new HTTPRouteMatchBuilder(path)
                                        .addNewHeader(match.header(), EXACT, match.value())
                                        .build()))
                                .toList())
                        .withBackendRefs(httpBackend(matched.getKey(), port, 1))
                        .build())
                .toList();
    }

    /** What weights decide about. */
    private HTTPRouteRule httpDivided(int port, List<HTTPRouteMatch> paths) {
        var divided = new HTTPRouteRuleBuilder()
                .withMatches(paths)
                .withBackendRefs(open().map(share -> httpBackend(share.revision(), port, share.weight()))
                        .toList());
        mirror(port)
                .ifPresent(mirror -> divided.addToFilters(new HTTPRouteFilterBuilder()
                        .withType("RequestMirror")
                        .withRequestMirror(mirror)
                        .build()));
        return divided.build();
    }

    private GRPCRoute grpcRoute() {
        var port = backends.grpc().orElseThrow(() -> new IllegalArgumentException("a service without a protocol"));
        var rules = new ArrayList<GRPCRouteRule>();
        var divided = new GRPCRouteRuleBuilder()
                .withBackendRefs(open().map(share -> grpcBackend(share.revision(), port, share.weight()))
                        .toList());
        mirror(port)
                .ifPresent(mirror -> divided.addToFilters(new GRPCRouteFilterBuilder()
                        .withType("RequestMirror")
                        .withRequestMirror(mirror)
                        .build()));
        rules.add(divided.build());
        matches()
                .forEach((revision, matches) -> rules.add(new GRPCRouteRuleBuilder()
                        .withMatches(matches.stream()
                                .map(match -> new GRPCRouteMatchBuilder()
                                        .addNewHeader(match.header(), EXACT, match.value())
                                        .build())
                                .toList())
                        .withBackendRefs(grpcBackend(revision, port, 1))
                        .build()));
        grpcProbe(port).ifPresent(rules::add);
        return new GRPCRouteBuilder()
                .withMetadata(backends.metadata())
                .withNewSpec()
                .withParentRefs(parents())
                .withHostnames(spec.hostnames())
                .withRules(rules)
                .endSpec()
                .build();
    }

    /** What a probe asks for, that knows this state of the route by its token. */
    private Optional<HTTPRouteRule> httpProbe(int port) {
        return RouteProbe.of(routing).map(probe -> new HTTPRouteRuleBuilder()
                .addNewMatch()
                .withNewPath(EXACT, RouteProbe.PATH)
                .addNewHeader(RouteProbe.ASKED, EXACT, probe.token())
                .endMatch()
                .addNewFilter()
                .withType(MARK)
                .withRequestHeaderModifier(mark(probe))
                .endFilter()
                .withBackendRefs(httpBackend(probe.revision(), port, 1))
                .build());
    }

    private Optional<GRPCRouteRule> grpcProbe(int port) {
        return RouteProbe.of(routing).map(probe -> new GRPCRouteRuleBuilder()
                .addNewMatch()
                .withNewMethod()
                .withType(EXACT)
                .withService(RouteProbe.HEALTH)
                .withMethod(RouteProbe.CHECK)
                .endMethod()
                .addNewHeader(RouteProbe.ASKED, EXACT, probe.token())
                .endMatch()
                .addNewFilter()
                .withType(MARK)
                .withRequestHeaderModifier(mark(probe))
                .endFilter()
                .withBackendRefs(grpcBackend(probe.revision(), port, 1))
                .build());
    }

    private static HTTPHeaderFilter mark(RouteProbe probe) {
        return new HTTPHeaderFilterBuilder()
                .addNewSet(RouteProbe.MARKED, probe.token())
                .build();
    }

    private Map<String, List<Routing.Match>> matches() {
        return routing.matches().stream()
                .collect(Collectors.groupingBy(Routing.Match::revision, LinkedHashMap::new, Collectors.toList()));
    }

    private List<ParentReference> parents() {
        return spec.parentRefs().stream()
                .map(parent -> new ParentReferenceBuilder()
                        .withGroup(parent.group())
                        .withKind(parent.kind())
                        .withNamespace(parent.namespace())
                        .withName(parent.name())
                        .withSectionName(parent.sectionName())
                        .withPort(parent.port())
                        .build())
                .toList();
    }

    /** Revisions that requests may reach; one with weight 0 is known to the Gateway before it gets any. */
    private Stream<Routing.Share> open() {
        return routing.shares().stream().filter(share -> !share.closed());
    }

    private Optional<HTTPRequestMirrorFilter> mirror(int port) {
        return Optional.ofNullable(routing.mirror()).map(mirror -> new HTTPRequestMirrorFilterBuilder()
                .withNewBackendRef()
                .withName(backends.nameOf(mirror.revision()))
                .withPort(port)
                .endBackendRef()
                // All of them is what every Gateway with mirrors can; a part of them is another feature.
                .withPercent(mirror.percent() == Routing.ALL ? null : mirror.percent())
                .build());
    }

    private HTTPBackendRef httpBackend(String revision, int port, int weight) {
        return new HTTPBackendRefBuilder()
                .withName(backends.nameOf(revision))
                .withPort(port)
                .withWeight(weight)
                .build();
    }

    private GRPCBackendRef grpcBackend(String revision, int port, int weight) {
        return new GRPCBackendRefBuilder()
                .withName(backends.nameOf(revision))
                .withPort(port)
                .withWeight(weight)
                .build();
    }

    private static HTTPRouteMatch pathPrefix(String path) {
        return new HTTPRouteMatchBuilder().withNewPath("PathPrefix", path).build();
    }
}
