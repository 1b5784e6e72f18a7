package dev.tatara.operator.steps;

import dev.tatara.api.v1alpha1.common.ArtifactStoreSpec;
import dev.tatara.operator.config.OperatorSettings;

/**
 * An artifact store as pods reach it.
 *
 * @param uri {@code s3://bucket/prefix} or {@code pvc://claim/prefix}
 * @param endpoint S3 endpoint, {@code null} for the cloud's own
 * @param secret Secret with the store's credentials, in the namespace of whoever uses it
 */
public record StoreAccess(String uri, String endpoint, String secret) {
    /** The store that the operator is set up with. */
    public static StoreAccess of(OperatorSettings settings) {
        var store = settings.artifactStore();
        return new StoreAccess(store.uri(), store.endpoint().orElse(null), store.secretName());
    }

    /** The store that a resource names, or this one where it names none. */
    public StoreAccess or(ArtifactStoreSpec own) {
        return own == null
                ? this
                : new StoreAccess(
                        own.uri(),
                        own.endpoint(),
                        own.secretRef() == null ? secret : own.secretRef().name());
    }
}
