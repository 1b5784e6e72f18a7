package dev.tatara.operator.inferenceservice.gateway;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.kubernetes.RecentWrites;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Routes and rules that the operator made. Their kinds are somebody else's and may be absent: they are watched from when
 * a service needs them and they are there.
 */
final class RouteWatch implements AutoCloseable {
    /** How long it is believed that a kind isn't installed. */
    private static final Duration ABSENT = Duration.ofSeconds(10);

    private final KubernetesClient client;
    private final Applier applier;
    private final Set<String> namespaces;
    private final Consumer<ResourceID> changed;
    private final InstantSource clock;
    private final Map<RouteKind, List<SharedIndexInformer<GenericKubernetesResource>>> informers =
            new ConcurrentHashMap<>();
    private final Map<RouteKind, Instant> absent = new EnumMap<>(RouteKind.class);
    private final RecentWrites<Key, HasMetadata> written = new RecentWrites<>();

    private record Key(String kind, String namespace, String name) {
        static Key of(HasMetadata object) {
            return new Key(
                    object.getKind(),
                    object.getMetadata().getNamespace(),
                    object.getMetadata().getName());
        }
    }

    /**
     * Watches nothing yet.
     *
     * @param namespaces where to watch; everywhere when empty
     * @param changed is told whose object changed
     */
    RouteWatch(
            KubernetesClient client,
            Applier applier,
            Set<String> namespaces,
            Consumer<ResourceID> changed,
            InstantSource clock) {
        this.client = client;
        this.applier = applier;
        this.namespaces = Set.copyOf(namespaces);
        this.changed = changed;
        this.clock = clock;
    }

    /** The kinds that the API server doesn't have; the others are watched from now on. */
    List<RouteKind> missing(List<RouteKind> kinds) {
        return kinds.stream().filter(kind -> !isWatched(kind)).toList();
    }

    /** The object of a kind that belongs to a service, as it is known best. */
    Optional<HasMetadata> find(InferenceService owner, RouteKind kind) {
        var key = new Key(
                kind.name(),
                owner.getMetadata().getNamespace(),
                owner.getMetadata().getName());
        return Optional.ofNullable(known(key, kind)).filter(found -> Owners.owns(owner, found));
    }

    /** Brings an object about, and tells how it is now. */
    HasMetadata bring(HasMetadata desired) {
        var key = Key.of(desired);
        var known = known(key, RouteKind.valueOf(desired.getKind()));
        var result = applier.write(desired, known);
        result.ifPresent(now -> written.put(key, now));
        return result.orElse(known == null ? client.resource(desired).get() : known);
    }

    /** Removes an object that was found here. */
    void remove(HasMetadata found) {
        written.forget(Key.of(found));
        applier.delete(found);
    }

    @Override
    public void close() {
        informers.values().forEach(all -> all.forEach(SharedIndexInformer::stop));
    }

    private synchronized boolean isWatched(RouteKind kind) {
        if (informers.containsKey(kind)) {
            return true;
        }
        var since = absent.get(kind);
        if (since != null && clock.instant().isBefore(since.plus(ABSENT))) {
            return false;
        }
        var served = client.getApiResources(kind.apiVersion());
        if (served == null
                || served.getResources().stream()
                        .noneMatch(resource -> resource.getKind().equals(kind.name()))) {
            absent.put(kind, clock.instant());
            return false;
        }
        informers.put(kind, watch(kind));
        return true;
    }

    private List<SharedIndexInformer<GenericKubernetesResource>> watch(RouteKind kind) {
        var objects = client.genericKubernetesResources(kind.context());
        var handler = new Handler();
        return namespaces.isEmpty()
                ? List.of(objects.inAnyNamespace()
                        .withLabelSelector(Labels.MANAGED_SELECTOR)
                        .inform(handler))
                : namespaces.stream()
                        .map(namespace -> objects.inNamespace(namespace)
                                .withLabelSelector(Labels.MANAGED_SELECTOR)
                                .inform(handler))
                        .toList();
    }

    private HasMetadata known(Key key, RouteKind kind) {
        var seen = informers.getOrDefault(kind, List.of()).stream()
                .map(informer -> informer.getStore().getByKey(key.namespace() + "/" + key.name()))
                .filter(found -> found != null)
                .findFirst()
                .orElse(null);
        return written.latest(key, seen);
    }

    private final class Handler implements ResourceEventHandler<GenericKubernetesResource> {
        @Override
        public void onAdd(GenericKubernetesResource object) {
            tell(object);
        }

        @Override
        public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource object) {
            tell(object);
        }

        @Override
        public void onDelete(GenericKubernetesResource object, boolean isFinalStateUnknown) {
            written.forget(Key.of(object));
            tell(object);
        }

        private void tell(HasMetadata object) {
            var owner = object.getMetadata().getLabels().get(Labels.ownerKey(InferenceService.class));
            if (owner != null) {
                changed.accept(new ResourceID(owner, object.getMetadata().getNamespace()));
            }
        }
    }
}
