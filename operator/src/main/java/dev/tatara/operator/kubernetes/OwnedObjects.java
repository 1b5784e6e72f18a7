package dev.tatara.operator.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.Set;
import java.util.stream.Stream;

/** Watches of the objects that an owner's labels mark as its own: their changes wake the owner. */
public final class OwnedObjects {
    private OwnedObjects() {}

    /**
     * Watches one kind of objects.
     *
     * @param owner the kind whose name the objects carry in a label, as {@link Labels#of} writes it
     * @param selector the labels of those that are worth watching
     */
    public static <R extends HasMetadata, P extends HasMetadata> InformerEventSource<R, P> informer(
            Class<R> kind, String name, String selector, Class<P> owner, EventSourceContext<P> context) {
        var ownerKey = Labels.ownerKey(owner);
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(kind, owner)
                        .withName(name)
                        .withLabelSelector(selector)
                        .withSecondaryToPrimaryMapper(object -> ownerOf(object, ownerKey))
                        .build(),
                context);
    }

    /** The objects of one kind that belong to the one that is reconciled, as far as they are watched. */
    public static <R extends HasMetadata> Stream<R> of(Class<R> kind, Context<? extends HasMetadata> context) {
        return context.getSecondaryResourcesAsStream(kind)
                .filter(object -> Owners.owns(context.getPrimaryResource(), object));
    }

    /** Makes an object known that was just made: what is written next wakes its owner before the informer has seen it. */
    public static <R extends HasMetadata> void seen(InformerEventSource<R, ?> source, R made) {
        var id = ResourceID.fromResource(made);
        source.get(id)
                .ifPresentOrElse(
                        before -> source.handleRecentResourceUpdate(id, made, before),
                        () -> source.handleRecentResourceCreate(id, made));
    }

    private static Set<ResourceID> ownerOf(HasMetadata object, String ownerKey) {
        var name = object.getMetadata().getLabels().get(ownerKey);
        return name == null
                ? Set.of()
                : Set.of(new ResourceID(name, object.getMetadata().getNamespace()));
    }
}
