package dev.tatara.operator.inferenceservice;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPBackendRef;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPHeaderMatch;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteRule;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.RouteParentStatusBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Plays a Gateway: its controller, which takes routes, and its data plane, which sends probes where the routes say that it
 * has; the pods behind it say back what they are marked with.
 */
final class FakeGateway implements AutoCloseable {
    private final KubeApi api;
    private final HttpServer dataPlane;
    private final SharedIndexInformer<HTTPRoute> informer;
    /** Routes of the data plane, by host name. */
    private final Map<String, HTTPRoute> inForce = new ConcurrentHashMap<>();

    private final Map<String, List<HTTPRoute>> history = new ConcurrentHashMap<>();
    private volatile boolean isBehind;
    private volatile String refusal;

    FakeGateway(KubeApi api) {
        this.api = api;
        try {
            dataPlane = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        dataPlane.createContext("/", this::answer);
        dataPlane.start();
        informer = api.client().resources(HTTPRoute.class).inAnyNamespace().inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(HTTPRoute route) {
                look(route);
            }

            @Override
            public void onUpdate(HTTPRoute before, HTTPRoute route) {
                look(route);
            }

            @Override
            public void onDelete(HTTPRoute route, boolean isFinalStateUnknown) {
                inForce.remove(host(route));
            }
        });
    }

    int port() {
        return dataPlane.getAddress().getPort();
    }

    /** From now on the data plane keeps the routes that it has, or takes up all that it has missed. */
    void setBehind(boolean behind) {
        isBehind = behind;
        if (!behind) {
            informer.getStore().list().forEach(route -> inForce.put(host(route), route));
        }
    }

    /** From now on routes are refused so; {@code null} takes them again. */
    void refuse(String why) {
        refusal = why;
        informer.getStore().list().forEach(this::look);
    }

    /** The routes of a host name that were seen, in order. */
    List<HTTPRoute> routes(String host) {
        return List.copyOf(history.getOrDefault(host, List.of()));
    }

    /** Percentages that a revision had in the routes of a host name, in order; 0 where it isn't named. */
    List<Integer> weightsOf(String host, String revision) {
        return routes(host).stream()
                .map(route -> ordinary(route).getBackendRefs().stream()
                        .filter(backend -> backend.getName().equals("churn-" + revision))
                        .mapToInt(HTTPBackendRef::getWeight)
                        .sum())
                .toList();
    }

    /** The rule of a route that requests without any mark meet. */
    static HTTPRouteRule ordinary(HTTPRoute route) {
        return route.getSpec().getRules().stream()
                .filter(rule -> rule.getMatches().stream()
                        .anyMatch(match -> match.getPath().getValue().equals("/")
                                && match.getHeaders().isEmpty()))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        informer.stop();
        dataPlane.stop(0);
    }

    private void look(HTTPRoute route) {
        var seen = history.computeIfAbsent(host(route), any -> new CopyOnWriteArrayList<>());
        if (seen.isEmpty() || !seen.getLast().getSpec().equals(route.getSpec())) {
            seen.add(route);
        }
        if (!isBehind) {
            inForce.put(host(route), route);
        }
        var accepted = condition(route, "Accepted", refusal == null, refusal == null ? "" : refusal);
        var parents = route.getSpec().getParentRefs().stream()
                .map(parent -> new RouteParentStatusBuilder()
                        .withParentRef(parent)
                        .withControllerName("example.com/fake")
                        .withConditions(accepted, condition(route, "ResolvedRefs", true, ""))
                        .build())
                .toList();
        if (route.getStatus() != null && isSame(route.getStatus().getParents(), accepted)) {
            return;
        }
        api.client()
                .resource(new HTTPRouteBuilder(route)
                        .editMetadata()
                        .withResourceVersion(null)
                        .withManagedFields()
                        .endMetadata()
                        .withNewStatus()
                        .withParents(parents)
                        .endStatus()
                        .build())
                .patchStatus();
    }

    private static boolean isSame(
            List<io.fabric8.kubernetes.api.model.gatewayapi.v1.RouteParentStatus> parents, Condition accepted) {
        return !parents.isEmpty()
                && parents.stream()
                        .flatMap(parent -> parent.getConditions().stream())
                        .filter(condition -> condition.getType().equals(accepted.getType()))
                        .allMatch(condition -> condition.getStatus().equals(accepted.getStatus())
                                && condition.getObservedGeneration().equals(accepted.getObservedGeneration()));
    }

    private static Condition condition(HTTPRoute route, String type, boolean holds, String message) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(holds ? "True" : "False")
                .withReason(holds ? type : "NotAllowedByListeners")
                .withMessage(message)
                .withObservedGeneration(route.getMetadata().getGeneration())
                .withLastTransitionTime(Instant.parse("2026-01-02T03:04:05Z").toString())
                .build();
    }

    private static String host(HTTPRoute route) {
        return route.getSpec().getHostnames().isEmpty()
                ? ""
                : route.getSpec().getHostnames().getFirst();
    }

    private void answer(HttpExchange exchange) throws IOException {
        var host = exchange.getRequestHeaders().getFirst("Host").split(":", 2)[0];
        var route = inForce.get(host);
        if (route != null) {
            route.getSpec().getRules().stream()
                    .filter(rule -> fits(rule, exchange))
                    .findFirst()
                    .ifPresent(rule -> {
                        var mark = rule.getFilters()
                                .getFirst()
                                .getRequestHeaderModifier()
                                .getSet()
                                .getFirst();
                        exchange.getResponseHeaders().set(mark.getName(), mark.getValue());
                        exchange.getResponseHeaders()
                                .set(
                                        "tatara-revision",
                                        rule.getBackendRefs()
                                                .getFirst()
                                                .getName()
                                                .substring("churn-".length()));
                    });
        }
        exchange.sendResponseHeaders(route == null ? 404 : 200, -1);
        exchange.close();
    }

    /** Whether it is a rule for probes, and the request one for it. */
    private static boolean fits(HTTPRouteRule rule, HttpExchange exchange) {
        return rule.getMatches().stream()
                .anyMatch(match -> match.getPath().getType().equals("Exact")
                        && match.getPath()
                                .getValue()
                                .equals(exchange.getRequestURI().getPath())
                        && match.getHeaders().stream().allMatch(header -> fits(header, exchange)));
    }

    private static boolean fits(HTTPHeaderMatch header, HttpExchange exchange) {
        return header.getValue().equals(exchange.getRequestHeaders().getFirst(header.getName()));
    }
}
