package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RevisionStatus;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Which versions a service uses: the one it is pinned to, and those its revisions serve. */
public final class Usage {
    /** As many as a status names. */
    private static final int MAX_SERVICES = 256;

    private Usage() {}

    /** Names of the versions that {@code service} uses; a service that is being deleted uses none. */
    public static List<String> versionsOf(InferenceService service) {
        if (service.getMetadata().getDeletionTimestamp() != null) {
            return List.of();
        }
        var model = service.getSpec() == null ? null : service.getSpec().model();
        var status = service.getStatus();
        var pinned = model == null || model.versionRef() == null
                ? Stream.<String>empty()
                : Stream.of(model.versionRef().name());
        var serving = status == null
                ? Stream.<String>empty()
                : Stream.of(status.stable(), status.candidate())
                        .filter(Objects::nonNull)
                        .map(RevisionStatus::modelVersion)
                        .filter(Objects::nonNull);
        return Stream.concat(pinned, serving).distinct().toList();
    }

    /** Digests that {@code service} rejected as the model's own fault. */
    public static List<String> rejectedDigestsOf(InferenceService service) {
        return service.getStatus() == null
                ? List.of()
                : service.getStatus().rejected().stream()
                        .filter(rejection -> Boolean.TRUE.equals(rejection.quarantine()))
                        .map(rejection -> rejection.digest())
                        .filter(Objects::nonNull)
                        .distinct()
                        .toList();
    }

    static List<String> usersOf(String version, List<InferenceService> services) {
        return services.stream()
                .filter(service -> versionsOf(service).contains(version))
                .map(service -> service.getMetadata().getName())
                .sorted()
                .distinct()
                .limit(MAX_SERVICES)
                .toList();
    }
}
