package dev.tatara.operator.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/** Watches of objects that are somebody else's: their changes wake whom they concern. */
public final class WatchedObjects {
    private WatchedObjects() {}

    /**
     * Watches one kind of objects. They are found by name or by index; which of them concern a watcher changes with both.
     *
     * @param concerned whom a change of an object wakes
     */
    public static <R extends HasMetadata, P extends HasMetadata> InformerEventSource<R, P> informer(
            Class<R> kind,
            String name,
            Class<P> watcher,
            SecondaryToPrimaryMapper<R> concerned,
            EventSourceContext<P> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(kind, watcher)
                        .withName(name)
                        .withSecondaryToPrimaryMapper(concerned)
                        .withPrimaryToSecondaryMapper((P primary) -> Set.of())
                        .build(),
                context);
    }

    /** The key of an index by namespace and name, of the object itself. */
    public static String keyOf(HasMetadata object) {
        return keyOf(object, object.getMetadata().getName());
    }

    /** The key of an index by namespace and name, of what an object names in its own namespace. */
    public static String keyOf(HasMetadata object, String name) {
        return object.getMetadata().getNamespace() + "/" + name;
    }

    /** Objects by their ids. */
    public static Set<ResourceID> idsOf(Collection<? extends HasMetadata> objects) {
        return objects.stream().map(ResourceID::fromResource).collect(Collectors.toUnmodifiableSet());
    }
}
