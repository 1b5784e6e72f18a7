package dev.tatara.operator.alerts;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Alerts in the API server, as {@code status.alerts} and {@code status.alertsCount} of DriftPolicies. They have a field
 * manager of their own: the reconciler of policies writes the rest of the status and never these two.
 */
final class AlertStore implements AlertInbox.Policies {
    static final String FIELD_MANAGER = "tatara-alerts";

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(FIELD_MANAGER)
            .withForce(true)
            .build();

    private static final int ATTEMPTS = 20;
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final KubernetesClient client;
    private final InstantSource clock;

    /** Posts of this replica about one policy take turns rather than run into conflicts; others' may. */
    private final List<ReentrantLock> turns =
            Stream.generate(ReentrantLock::new).limit(64).toList();

    AlertStore(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /** The policies of a namespace, from the API server and not from a cache that may be behind. */
    @Override
    public List<Watch> watches(String namespace) {
        return client.resources(DriftPolicy.class).inNamespace(namespace).list().getItems().stream()
                .map(Watch::of)
                .toList();
    }

    /**
     * Returns when the API server holds the news, or needn't.
     *
     * @throws KubernetesClientException if it can't be asked, refuses, or others were faster too often
     */
    @Override
    public void keep(Watch watch, Collection<AlertNews> news) {
        var turn = turns.get(
                Math.floorMod(watch.namespace().hashCode() * 31 + watch.name().hashCode(), turns.size()));
        turn.lock();
        try {
            var current = watch;
            for (var attempt = 1; current != null; attempt++) {
                var book = current.book().with(news, clock.instant());
                if (book.equals(current.book()) || applied(current, book, attempt == ATTEMPTS)) {
                    return;
                }
                pause();
                current = read(current);
            }
        } finally {
            turn.unlock();
        }
    }

    /** Whether there is nothing left to do. */
    private boolean applied(Watch watch, AlertBook book, boolean isLast) {
        var patch = new DriftPolicy();
        patch.setMetadata(new ObjectMetaBuilder()
                .withNamespace(watch.namespace())
                .withName(watch.name())
                .withResourceVersion(watch.resourceVersion())
                .build());
        patch.setStatus(DriftPolicyStatus.ofAlerts(book.entries(), book.firing()));
        try {
            client.resource(patch).subresource("status").patch(APPLY);
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT && !isLast) {
                return false;
            }
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                // Nobody waits for these alerts any more.
                return true;
            }
            throw e;
        }
    }

    private Watch read(Watch watch) {
        var policy = client.resources(DriftPolicy.class)
                .inNamespace(watch.namespace())
                .withName(watch.name())
                .get();
        return policy == null ? null : Watch.of(policy);
    }

    private static void pause() {
        try {
            Thread.sleep(Duration.ofNanos(ThreadLocalRandom.current().nextLong(PAUSE.toNanos())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KubernetesClientException("interrupted before the alerts were written", e);
        }
    }
}
