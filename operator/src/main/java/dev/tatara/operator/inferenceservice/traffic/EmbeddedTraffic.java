package dev.tatara.operator.inferenceservice.traffic;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import dev.tatara.operator.kubernetes.RecentWrites;
import dev.tatara.traffic.TrafficTable;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Divides a service's traffic by its own pods: each of them knows the table of the service and forwards what another
 * revision is to answer. The table is stored first, then every pod is told; what it says counts when all have answered.
 */
public final class EmbeddedTraffic implements TrafficProvider, AutoCloseable {
    private final TrafficKey key;
    private final TableStore store;
    private final TrafficPush push;
    private final ServiceWakeUps wakeUps;
    private final RecentWrites<ResourceID, ConfigMap> written = new RecentWrites<>();
    private final Map<ResourceID, Verified> verified = new ConcurrentHashMap<>();

    /** A document that was looked at, and its table; null where it isn't signed by us. */
    private record Verified(String document, TrafficTable table) {}

    public EmbeddedTraffic(
            KubernetesClient client, TrafficKey key, PodCalls calls, ServiceWakeUps wakeUps, MeterRegistry registry) {
        this.key = key;
        this.store = new TableStore(client);
        this.wakeUps = wakeUps;
        this.push = new TrafficPush(calls, wakeUps::wake, pushes(registry)::record);
        wakeUps.whenGone(this::forget);
    }

    /** {@code tatara_traffic_push_seconds}: from a new table of a service until every pod has acknowledged it. */
    private static Timer pushes(MeterRegistry registry) {
        return Timer.builder("tatara.traffic.push")
                .description("From a new traffic table until every pod of the service has acknowledged it")
                .serviceLevelObjectives(
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(250),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30))
                .register(registry);
    }

    /** The public half of the key that tables are signed with, as pods are given it. */
    @Override
    public String publicKey() {
        return key.publicText();
    }

    /**
     * Divides a service's requests so from now on. Does nothing where that is so already.
     *
     * @return how far that has come; the service is woken when there is news of it
     * @throws OutdatedTableException if another replica has written meanwhile
     */
    @Override
    public Convergence route(InferenceService service, Routing routing, Seen seen) {
        return tell(service, routing, seen, false);
    }

    /**
     * Tells a service's pods that somebody else divides its requests so: each answers what it is sent, and counts.
     *
     * @return how many know that; the service is woken when there is news of it
     * @throws OutdatedTableException if another replica has written meanwhile
     */
    public Convergence tellDividedBefore(InferenceService service, Routing routing, Seen seen) {
        return tell(service, routing, seen, true);
    }

    private Convergence tell(InferenceService service, Routing routing, Seen seen, boolean isDividedBefore) {
        var id = ResourceID.fromResource(service);
        var uid = service.getMetadata().getUid();
        var stored = latest(id, uid, seen.table());
        var document = TableStore.document(stored);
        var inForce = inForce(id, uid, document);
        var routers = ServingPod.of(seen.pods());
        var taken = push.taken(id, inForce == null ? 0 : inForce.generation());
        var table = TrafficTables.next(
                inForce,
                taken,
                uid,
                routing,
                isDividedBefore,
                TrafficTables.remembered(service.getSpec().rollout()),
                routers);
        if (!table.equals(inForce)) {
            document = new String(key.sign(table).toJson(), StandardCharsets.UTF_8);
            try {
                written.put(id, store.put(service, document, stored));
            } catch (OutdatedTableException e) {
                written.forget(id);
                throw e;
            }
        }
        return push.order(id, new TrafficPush.Order(table.generation(), document, closed(routing), routers));
    }

    /** The table in a document, if it is one of this service's and signed by us. */
    private TrafficTable inForce(ResourceID id, String uid, String document) {
        if (document == null) {
            return null;
        }
        // A signature takes longer to look at than most reconciliations take in all.
        var last = verified.compute(
                id,
                (same, known) -> known != null && known.document().equals(document)
                        ? known
                        : new Verified(document, key.verified(document).orElse(null)));
        return last.table() != null && last.table().service().equals(uid) ? last.table() : null;
    }

    @Override
    public void close() {
        wakeUps.close();
    }

    private static String closed(Routing routing) {
        return routing.shares().stream()
                .filter(Routing.Share::closed)
                .map(Routing.Share::revision)
                .findFirst()
                .orElse(null);
    }

    private void forget(ResourceID service) {
        push.forget(service);
        written.forget(service);
        verified.remove(service);
    }

    /** The table of this service; a namesake before it may have left one. */
    private ConfigMap latest(ResourceID id, String uid, ConfigMap observed) {
        var latest = written.latest(id, observed);
        if (latest == null || isOf(uid, latest)) {
            return latest;
        }
        written.forget(id);
        return observed;
    }

    private static boolean isOf(String service, ConfigMap stored) {
        return stored.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> owner.getUid().equals(service));
    }
}
