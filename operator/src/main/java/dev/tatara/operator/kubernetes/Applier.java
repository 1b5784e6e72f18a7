package dev.tatara.operator.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    private static final int REMEMBERED = 50_000;

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(Labels.FIELD_MANAGER)
            .withForce(true)
            .build();
    /** A manager of its own, so that an autoscaler can take the number of pods over without a reset. */
    private static final PatchContext SCALE = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager(Labels.FIELD_MANAGER + "-scale")
            .build();

    private static final PatchContext DRY_RUN = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(Labels.FIELD_MANAGER)
            .withForce(true)
            .withDryRun(List.of("All"))
            .build();

    private final KubernetesClient client;
    private final Map<String, Written> written = latest();
    private final Map<String, Compared> compared = latest();

    /** What we wrote last to an object. */
    private record Written(String digest, Long generation) {}

    /** The state of an object that was last found to be as desired, so that it isn't compared again. */
    private record Compared(String digest, String resourceVersion) {}

    public Applier(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Applies {@code desired} unless {@code observed} is as desired already.
     *
     * @param observed the object as last seen, {@code null} if it isn't there
     * @return whether something was written
     * @throws NameTakenException if an object of that name is there and belongs to somebody else
     */
    public <T extends HasMetadata> boolean apply(T desired, T observed) {
        return write(desired, observed).isPresent();
    }

    /**
     * Applies {@code desired} unless {@code observed} is as desired already.
     *
     * @param observed the object as last seen, {@code null} if it isn't there
     * @return the object as the server has it then; empty if nothing was written
     * @throws NameTakenException if an object of that name is there and belongs to somebody else
     */
    public <T extends HasMetadata> Optional<T> write(T desired, T observed) {
        var digest = Digests.of(desired, 16);
        var present = observed != null ? observed : readOwn(desired);
        if (present != null && isAsDesired(desired, present, digest)) {
            return Optional.empty();
        }
        desired.getMetadata().getAnnotations().put(APPLIED, digest);
        var result = client.resource(desired).patch(APPLY);
        written.put(
                result.getMetadata().getUid(),
                new Written(digest, result.getMetadata().getGeneration()));
        return Optional.of(result);
    }

    /** Sets the number of a Deployment's pods. */
    public void scale(String namespace, String deployment, int replicas) {
        client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName(deployment)
                .patch(SCALE, "{\"spec\":{\"replicas\":" + replicas + "}}");
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

    /**
     * Looks before the first write, for the informers only know objects with our labels: a stranger's object of the
     * same name must not be taken over.
     */
    private <T extends HasMetadata> T readOwn(T desired) {
        var found = client.resource(desired).get();
        if (found == null) {
            return null;
        }
        var owners = desired.getMetadata().getOwnerReferences();
        if (!owners.isEmpty() && !found.getMetadata().getOwnerReferences().containsAll(owners)) {
            throw new NameTakenException(desired);
        }
        return found;
    }

    private boolean isAsDesired(HasMetadata desired, HasMetadata observed, String digest) {
        if (!digest.equals(observed.getMetadata().getAnnotations().get(APPLIED))) {
            return false;
        }
        var uid = observed.getMetadata().getUid();
        var state = new Compared(digest, observed.getMetadata().getResourceVersion());
        if (state.resourceVersion() != null && state.equals(compared.get(uid))) {
            return true;
        }
        if (DesiredState.isMet(tree(desired), tree(observed))) {
            compared.put(uid, state);
            return true;
        }
        var ours = written.get(uid);
        return ours != null
                && ours.digest().equals(digest)
                && ours.generation() != null
                && ours.generation().equals(observed.getMetadata().getGeneration());
    }

    /** What we know of objects by their uids. Forgetting the oldest costs one comparison more, or one write. */
    private static <V> Map<String, V> latest() {
        return Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > REMEMBERED;
            }
        });
    }

    private JsonNode tree(HasMetadata object) {
        return client.getKubernetesSerialization().convertValue(object, JsonNode.class);
    }
}
