package dev.tatara.operator;

import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventReason;
import dev.tatara.operator.kubernetes.EventRecorder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells by an event that an object can't be reconciled, as when the API server fails a write again and again. What fails
 * once or twice is nobody's business: it is tried again at once.
 */
@Singleton
class HeldUpNews implements Metrics {
    private static final int FAILURES = 3;
    /** An hour of the longest delay between attempts: events are kept for that long. */
    private static final int AGAIN = 120;

    private final EventRecorder events;
    /** Failures without a success between them. */
    private final Map<Key, Integer> failures = new ConcurrentHashMap<>();

    private record Key(String kind, ResourceID id) {
        static Key of(HasMetadata resource) {
            return new Key(resource.getKind(), ResourceID.fromResource(resource));
        }
    }

    /** Reasons of the events that objects of every kind may have. */
    enum Reason implements EventReason {
        HeldUp;

        @Override
        public String type() {
            return "Warning";
        }

        @Override
        public String action() {
            return "Reconcile";
        }
    }

    HeldUpNews(EventRecorder events) {
        this.events = events;
    }

    @Override
    public void failedReconciliation(HasMetadata resource, Exception exception, Map<String, Object> metadata) {
        var count = failures.merge(Key.of(resource), 1, Integer::sum);
        if (count % AGAIN == FAILURES) {
            events.publish(
                    resource,
                    Reason.HeldUp,
                    "can't be brought to its desired state, and is tried again: " + messageOf(exception),
                    "");
        }
    }

    @Override
    public void finishedReconciliation(HasMetadata resource, Map<String, Object> metadata) {
        failures.remove(Key.of(resource));
    }

    @Override
    public void cleanupDoneFor(ResourceID resource, Map<String, Object> metadata) {
        failures.keySet().removeIf(key -> key.id().equals(resource));
    }

    private static String messageOf(Exception exception) {
        return exception instanceof KubernetesClientException refused
                ? Applier.messageOf(refused)
                : exception.toString();
    }
}
