package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.Traffic;
import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.inferenceservice.plan.ServingObjects;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import dev.tatara.operator.inferenceservice.traffic.EmbeddedTraffic;
import dev.tatara.operator.inferenceservice.traffic.ServiceWakeUps;
import dev.tatara.operator.kubernetes.Applier;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Divides a service's requests by what its specification names: the pods themselves, a Gateway or a mesh. Where something
 * outside does it, the pods are told to answer what they are sent; they count it as ever.
 *
 * <p>When a service changes from one to another, the new one is in force before anything of the old one goes.
 */
public final class OutsideTraffic implements TrafficProvider {
    private static final String UNPROVEN = "RouteUnproven";

    private final EmbeddedTraffic pods;
    private final Map<Traffic.Provider, Front> fronts;
    private final RouteWatch routes;
    private final Applier applier;

    OutsideTraffic(EmbeddedTraffic pods, Map<Traffic.Provider, Front> fronts, RouteWatch routes, Applier applier) {
        this.pods = pods;
        this.fronts = Map.copyOf(fronts);
        this.routes = routes;
        this.applier = applier;
    }

    /**
     * Divides requests as services ask for it, as far as the settings let them.
     *
     * @param pods tells pods how requests are divided
     * @param wakeUps of services about whose routes there is news
     */
    public static OutsideTraffic of(
            EmbeddedTraffic pods,
            KubernetesClient client,
            Applier applier,
            ServiceWakeUps wakeUps,
            Vertx vertx,
            InstantSource clock,
            OperatorSettings settings) {
        var fronts = new EnumMap<Traffic.Provider, Front>(Traffic.Provider.class);
        var gatewayApi = settings.traffic().gatewayApi();
        if (gatewayApi.enabled()) {
            var probes = gatewayApi.probe() ? new GatewayProbes(vertx, wakeUps::wake) : null;
            if (probes != null) {
                wakeUps.whenGone(probes::forget);
            }
            fronts.put(
                    Traffic.Provider.GatewayAPI,
                    new GatewayFront(new Gateways(client, clock), probes, client.getKubernetesSerialization()));
        }
        if (settings.traffic().istio().enabled()) {
            fronts.put(Traffic.Provider.Istio, new MeshFront());
        }
        var routes = new RouteWatch(client, applier, settings.watchNamespaces().orElse(Set.of()), wakeUps::wake, clock);
        return new OutsideTraffic(pods, fronts, routes, applier);
    }

    @Override
    public String publicKey() {
        return pods.publicKey();
    }

    @Override
    public Optional<String> obstacle(InferenceService service) {
        var provider = providerOf(service);
        if (provider == Traffic.Provider.Embedded) {
            return Optional.empty();
        }
        var front = fronts.get(provider);
        if (front == null) {
            return Optional.of("spec.traffic.provider " + provider
                    + " is switched off in this operator; have its chart's value traffic."
                    + (provider == Traffic.Provider.Istio ? "istio" : "gatewayApi")
                    + ".enabled set to true, or use Embedded");
        }
        var missing = routes.missing(front.kinds());
        return missing.isEmpty()
                ? front.obstacle(service)
                : Optional.of("spec.traffic.provider " + provider + " needs kinds that the API server doesn't have: "
                        + missing.stream()
                                .map(kind -> kind.name() + " of " + kind.apiVersion())
                                .collect(Collectors.joining(", "))
                        + "; have their CustomResourceDefinitions installed, or use Embedded");
    }

    @Override
    public Convergence route(InferenceService service, Routing routing, Seen seen) {
        var front = fronts.get(providerOf(service));
        if (front == null || !isUsable(front, service)) {
            var told = pods.route(service, routing, seen);
            if (providerOf(service) == Traffic.Provider.Embedded && told.isComplete()) {
                leave(service, seen, List.of());
            }
            return told;
        }
        // First what a leader that was replaced can't write any more.
        var told = pods.tellDividedBefore(service, routing, seen);
        var desired = front.render(service, routing);
        var objects = desired.stream().map(object -> bring(object, seen)).toList();
        front.kinds().stream()
                .filter(kind ->
                        desired.stream().noneMatch(object -> object.getKind().equals(kind.name())))
                .forEach(kind -> routes.find(service, kind).ifPresent(routes::remove));
        var accepted = front.accepted(objects);
        if (!accepted.isComplete()) {
            return Convergence.pending(told.generation(), accepted.reason(), accepted.message());
        }
        if (!told.isComplete()) {
            return told;
        }
        var unproven = front.unproven(service, routing);
        if (unproven.isPresent()) {
            return Convergence.pending(told.generation(), UNPROVEN, unproven.get());
        }
        leave(service, seen, desired);
        return new Convergence(
                told.generation(), true, told.reason(), front.name() + " divides the requests as planned");
    }

    /** What can't be honoured isn't begun; where it was begun already, it goes on with the requests that it has. */
    private boolean isUsable(Front front, InferenceService service) {
        return routes.missing(front.kinds()).isEmpty()
                && (front.kinds().stream()
                                .anyMatch(kind -> routes.find(service, kind).isPresent())
                        || front.obstacle(service).isEmpty());
    }

    private HasMetadata bring(HasMetadata desired, Seen seen) {
        if (desired instanceof Service backend) {
            applier.apply(backend, named(backend, seen).orElse(null));
            return backend;
        }
        return routes.bring(desired);
    }

    private static Optional<Service> named(Service backend, Seen seen) {
        return seen.services().stream()
                .filter(found -> found.getMetadata()
                        .getName()
                        .equals(backend.getMetadata().getName()))
                .findFirst();
    }

    /** Removes what no request needs any more. Services go last: as long as one is there, something may be left over. */
    private void leave(InferenceService service, Seen seen, List<HasMetadata> needed) {
        var stale = seen.services().stream()
                .filter(ServingObjects::isBackend)
                .filter(found -> needed.stream()
                        .noneMatch(object -> object instanceof Service
                                && object.getMetadata()
                                        .getName()
                                        .equals(found.getMetadata().getName())))
                .toList();
        if (stale.isEmpty()) {
            return;
        }
        fronts.values().stream()
                .filter(front -> routes.missing(front.kinds()).isEmpty())
                .flatMap(front -> front.kinds().stream())
                .filter(kind ->
                        needed.stream().noneMatch(object -> object.getKind().equals(kind.name())))
                .forEach(kind -> routes.find(service, kind).ifPresent(routes::remove));
        stale.forEach(applier::delete);
    }

    private static Traffic.Provider providerOf(InferenceService service) {
        var traffic = service.getSpec().traffic();
        return traffic == null || traffic.provider() == null ? Traffic.Provider.Embedded : traffic.provider();
    }
}
