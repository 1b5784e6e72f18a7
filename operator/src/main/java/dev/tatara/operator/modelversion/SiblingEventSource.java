package dev.tatara.operator.modelversion;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.modelversion.plan.StageElection.Candidate;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.health.Status;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.util.List;
import java.util.Set;

/**
 * Has the other versions of a model decided upon again when one of them begins or ceases to stand for election. It
 * listens to the events of the primary informer, so it costs neither a watch nor a second copy of the objects.
 */
final class SiblingEventSource extends AbstractEventSource<Void, ModelVersion>
        implements ResourceEventAware<ModelVersion> {
    /** Index of the primary cache: versions by {@link #modelOf}. */
    static final String BY_MODEL = "model";

    private final IndexedResourceCache<ModelVersion> versions;

    SiblingEventSource(IndexedResourceCache<ModelVersion> versions) {
        super(Void.class, "siblings");
        this.versions = versions;
    }

    static List<String> indexKeys(ModelVersion version) {
        return version.getSpec() == null ? List.of() : List.of(modelOf(version));
    }

    static String modelOf(ModelVersion version) {
        return version.getMetadata().getNamespace() + "/" + version.getSpec().model();
    }

    // A version that appears is no candidate before its own status says that it is verified.

    @Override
    public void onResourceUpdated(ModelVersion newResource, ModelVersion oldResource) {
        if (newResource.getSpec() != null
                && oldResource.getSpec() != null
                && !Candidate.of(newResource).equals(Candidate.of(oldResource))) {
            tellSiblingsOf(newResource);
        }
    }

    @Override
    public void onResourceDeleted(ModelVersion resource) {
        if (resource.getSpec() != null) {
            tellSiblingsOf(resource);
        }
    }

    @Override
    public Set<Void> getSecondaryResources(ModelVersion primary) {
        return Set.of();
    }

    @Override
    public Status getStatus() {
        return Status.HEALTHY;
    }

    private void tellSiblingsOf(ModelVersion version) {
        for (var sibling : versions.byIndex(BY_MODEL, modelOf(version))) {
            if (!sibling.getMetadata().getName().equals(version.getMetadata().getName())) {
                getEventHandler().handleEvent(new Event(ResourceID.fromResource(sibling)));
            }
        }
    }
}
