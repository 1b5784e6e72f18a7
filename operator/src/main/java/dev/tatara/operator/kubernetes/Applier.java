package dev.tatara.operator.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Brings objects to their desired state by server-side apply, and writes nothing when they are there already.
 *
 * <p>Every applied object carries a digest of what was desired. A write is due when that digest changes (which also
 * sees fields that are no longer desired) or when somebody changed a desired field. Should the server keep a field in
 * a form that the comparison doesn't know, the generation remembered from our own write ends what would otherwise be
 * an endless patch.
 */
public final class Applier {
    static final String APPLIED = Labels.GROUP + "/applied";

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(Labels.FIELD_MANAGER)
            .withForce(true)
            .build();
    private static final PatchContext DRY_RUN = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(Labels.FIELD_MANAGER)
            .withForce(true)
            .withDryRun(java.util.List.of("All"))
            .build();

    private final KubernetesClient client;
    private final Map<String, Written> written = new ConcurrentHashMap<>();

    private record Written(String digest, Long generation) {}

    public Applier(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Applies {@code desired} unless {@code observed} is as desired already.
     *
     * @param observed the object as last seen, {@code null} if it isn't there
     * @return whether something was written
     */
    public <T extends HasMetadata> boolean apply(T desired, T observed) {
        var digest = Digests.of(desired, 16);
        if (observed != null && isAsDesired(desired, observed, digest)) {
            return false;
        }
        desired.getMetadata().getAnnotations().put(APPLIED, digest);
        var result = client.resource(desired).patch(APPLY);
        written.put(
                result.getMetadata().getUid(),
                new Written(digest, result.getMetadata().getGeneration()));
        return true;
    }

    /** Creates an object whose name is determined by its purpose; one that is there already is left as it is. */
    public <T extends HasMetadata> boolean createOnce(T desired) {
        try {
            client.resource(desired).create();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return false;
            }
            throw e;
        }
    }

    /** What the server says against an object, without writing it; empty if it would be taken. */
    public Optional<String> refusal(HasMetadata desired) {
        try {
            client.resource(desired).patch(DRY_RUN);
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (isRefusal(e)) {
                return Optional.of(messageOf(e));
            }
            throw e;
        }
    }

    /** Deletes the object if it is still the one that was observed. Its dependents go with it. */
    public void delete(HasMetadata observed) {
        if (observed.getMetadata().getDeletionTimestamp() != null) {
            return;
        }
        client.resource(observed).delete();
        written.remove(observed.getMetadata().getUid());
    }

    /** Whether the server refused the content (as against being away, busy or in conflict). */
    public static boolean isRefusal(KubernetesClientException e) {
        return switch (e.getCode()) {
            case HttpURLConnection.HTTP_BAD_REQUEST, HttpURLConnection.HTTP_FORBIDDEN, 422 -> true;
            default -> false;
        };
    }

    /** The server's own words. */
    public static String messageOf(KubernetesClientException e) {
        return e.getStatus() != null && e.getStatus().getMessage() != null
                ? e.getStatus().getMessage()
                : e.getMessage();
    }

    private boolean isAsDesired(HasMetadata desired, HasMetadata observed, String digest) {
        if (!digest.equals(observed.getMetadata().getAnnotations().get(APPLIED))) {
            return false;
        }
        if (DesiredState.isMet(tree(desired), tree(observed))) {
            return true;
        }
        var ours = written.get(observed.getMetadata().getUid());
        return ours != null
                && ours.digest().equals(digest)
                && ours.generation() != null
                && ours.generation().equals(observed.getMetadata().getGeneration());
    }

    private JsonNode tree(HasMetadata object) {
        return client.getKubernetesSerialization().convertValue(object, JsonNode.class);
    }
}
