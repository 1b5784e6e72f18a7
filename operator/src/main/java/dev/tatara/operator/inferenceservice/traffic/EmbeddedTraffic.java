package dev.tatara.operator.inferenceservice.traffic;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
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
    /** Tables that were written and that the informer may not have seen yet. */
    private final Map<ResourceID, ConfigMap> written = new ConcurrentHashMap<>();

    public EmbeddedTraffic(KubernetesClient client, TrafficKey key, PodCalls calls, ServiceWakeUps wakeUps) {
        this.key = key;
        this.store = new TableStore(client);
        this.wakeUps = wakeUps;
        this.push = new TrafficPush(calls, wakeUps::wake);
        wakeUps.whenGone(this::forget);
    }

    /** The public half of the key that tables are signed with, as pods are given it. */
    @Override
    public String publicKey() {
        return key.publicText();
    }

    /**
     * Divides a service's requests so from now on. Does nothing where that is so already.
     *
     * @param pods all pods of the service, those that are ending included
     * @param observed the ConfigMap with the table as the informer has it, {@code null} where it has none
     * @return how far that has come; the service is woken when there is news of it
     * @throws OutdatedTableException if another replica has written meanwhile
     */
    @Override
    public Convergence route(InferenceService service, Routing routing, Collection<Pod> pods, ConfigMap observed) {
        var id = ResourceID.fromResource(service);
        var uid = service.getMetadata().getUid();
        var stored = latest(id, uid, observed);
        var document = TableStore.document(stored);
        var inForce = document == null
                ? null
                : key.verified(document)
                        .filter(table -> table.service().equals(uid))
                        .orElse(null);
        var routers = ServingPod.of(pods);
        var taken = push.taken(id, inForce == null ? 0 : inForce.generation());
        var table = TrafficTables.next(
                inForce,
                taken,
                uid,
                routing,
                TrafficTables.remembered(service.getSpec().rollout()),
                routers);
        if (!table.equals(inForce)) {
            document = new String(key.sign(table).toJson(), StandardCharsets.UTF_8);
            try {
                written.put(id, store.put(service, document, stored));
            } catch (OutdatedTableException e) {
                written.remove(id);
                throw e;
            }
        }
        return push.order(id, new TrafficPush.Order(table.generation(), document, closed(routing), routers));
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
        written.remove(service);
    }

    /** What was written here last, until the informer has it or something later. */
    private ConfigMap latest(ResourceID id, String uid, ConfigMap observed) {
        var ours = written.get(id);
        if (ours == null || ours.equals(observed) || !isOf(uid, ours) || isSeen(ours, observed)) {
            written.remove(id);
            return observed;
        }
        return ours;
    }

    private static boolean isOf(String service, ConfigMap stored) {
        return stored.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> owner.getUid().equals(service));
    }

    /** Versions of one object are compared as numbers, as Kubernetes itself does since 1.35. */
    private static boolean isSeen(ConfigMap ours, ConfigMap observed) {
        return observed != null
                && Long.parseLong(observed.getMetadata().getResourceVersion())
                        >= Long.parseLong(ours.getMetadata().getResourceVersion());
    }
}
