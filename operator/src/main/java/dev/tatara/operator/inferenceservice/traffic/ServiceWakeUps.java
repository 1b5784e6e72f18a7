package dev.tatara.operator.inferenceservice.traffic;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import io.javaoperatorsdk.operator.health.Status;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Wakes services about which there is news that no object tells: of calls to their pods, and of what they measured. */
public final class ServiceWakeUps extends AbstractEventSource<Void, InferenceService>
        implements ResourceEventAware<InferenceService>, AutoCloseable {
    private final List<Consumer<ResourceID>> gone = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    public ServiceWakeUps() {
        super(Void.class, "pods-answers");
    }

    /** A service is looked at again. */
    public void wake(ResourceID service) {
        var handler = getEventHandler();
        if (handler != null && isRunning() && !closed) {
            handler.handleEvent(new Event(service));
        }
    }

    /** From now on this is told which service is gone. */
    public void whenGone(Consumer<ResourceID> listener) {
        gone.add(listener);
    }

    @Override
    public void onResourceDeleted(InferenceService service) {
        gone.forEach(listener -> listener.accept(ResourceID.fromResource(service)));
    }

    @Override
    public Set<Void> getSecondaryResources(InferenceService primary) {
        return Set.of();
    }

    @Override
    public Status getStatus() {
        return Status.HEALTHY;
    }

    @Override
    public void close() {
        closed = true;
    }
}
