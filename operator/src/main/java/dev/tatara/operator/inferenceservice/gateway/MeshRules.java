package dev.tatara.operator.inferenceservice.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.Traffic.Istio;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * A VirtualService and a DestinationRule of Istio, {@value #API}, and the Service of all revisions, whose subsets they
 * name.
 */
public final class MeshRules {
    private static final String API = "networking.istio.io/v1";
    /** All content types of gRPC begin so. */
    private static final String GRPC_TYPES = "application/grpc";

    private final Istio spec;
    private final Routing routing;
    private final Backends backends;

    private MeshRules(InferenceService owner, Routing routing) {
        this.spec = owner.getSpec().traffic().istio();
        this.routing = routing;
        this.backends = new Backends(owner);
    }

    /**
     * Renders the objects in the order in which they are to be applied: a subset must be known before requests go to it.
     *
     * @param owner a service with provider Istio
     */
    public static List<HasMetadata> render(InferenceService owner, Routing routing) {
        var rules = new MeshRules(owner, routing);
        return List.of(rules.backends.ofAll(), rules.destinationRule(), rules.virtualService());
    }

    private GenericKubernetesResource destinationRule() {
        var content = object().put("host", backends.nameOfAll());
        var subsets = content.putArray("subsets");
        for (var share : routing.shares()) {
            subsets.addObject()
                    .put("name", share.revision())
                    .putObject("labels")
                    .put(Labels.REVISION, share.revision());
        }
        return resource("DestinationRule", content);
    }

    private GenericKubernetesResource virtualService() {
        var content = object();
        content.set("hosts", array(spec.hosts()));
        if (!spec.gateways().isEmpty()) {
            content.set("gateways", array(spec.gateways()));
        }
        var routes = content.putArray("http");
        // Where both protocols are served, gRPC is told by its content type.
        var isTold = backends.http().isPresent();
        backends.grpc().ifPresent(port -> addRoutes(routes, "grpc", port, isTold));
        backends.http().ifPresent(port -> addRoutes(routes, "http", port, false));
        return resource("VirtualService", content);
    }

    /** What is matched by headers first, then what weights decide about. */
    private void addRoutes(ArrayNode routes, String name, int port, boolean isGrpcOnly) {
        var number = 0;
        for (var match : routing.matches()) {
            number++;
            var headers = object();
            addType(headers, isGrpcOnly);
            headers.putObject(match.header().toLowerCase(Locale.ROOT)).put("exact", match.value());
            var route = addRoute(routes, name + "-match-" + number, headers);
            addDestination(route.putArray("route"), match.revision(), port, Routing.ALL);
        }
        var headers = object();
        addType(headers, isGrpcOnly);
        var route = addRoute(routes, name, headers);
        var destinations = route.putArray("route");
        routing.shares().stream()
                .filter(share -> share.weight() > 0)
                .forEach(share -> addDestination(destinations, share.revision(), port, share.weight()));
        if (routing.mirror() != null) {
            route.set("mirror", destination(routing.mirror().revision(), port));
            route.putObject("mirrorPercentage").put("value", routing.mirror().percent());
        }
    }

    private static void addType(ObjectNode headers, boolean isGrpcOnly) {
        if (isGrpcOnly) {
            headers.putObject("content-type").put("prefix", GRPC_TYPES);
        }
    }

    private static ObjectNode addRoute(ArrayNode routes, String name, ObjectNode headers) {
        var route = routes.addObject().put("name", name);
        if (!headers.isEmpty()) {
            route.putArray("match").addObject().set("headers", headers);
        }
        return route;
    }

    private void addDestination(ArrayNode destinations, String revision, int port, int weight) {
        destinations.addObject().put("weight", weight).set("destination", destination(revision, port));
    }

    private ObjectNode destination(String revision, int port) {
        var destination = object().put("host", backends.nameOfAll()).put("subset", revision);
        destination.putObject("port").put("number", port);
        return destination;
    }

    private GenericKubernetesResource resource(String kind, ObjectNode content) {
        return new GenericKubernetesResourceBuilder()
                .withApiVersion(API)
                .withKind(kind)
                .withMetadata(backends.metadata())
                .addToAdditionalProperties("spec", content)
                .build();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static ArrayNode array(Collection<String> texts) {
        var array = JsonNodeFactory.instance.arrayNode();
        texts.forEach(array::add);
        return array;
    }
}
