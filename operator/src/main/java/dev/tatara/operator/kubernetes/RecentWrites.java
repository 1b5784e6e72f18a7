package dev.tatara.operator.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Objects as our own writes left them, until the informer has seen them too: who plans from what was before a write makes
 * it twice.
 *
 * @param <K> what tells the objects apart
 * @param <T> the objects' type
 */
public final class RecentWrites<K, T extends HasMetadata> {
    private final Map<K, T> written = new ConcurrentHashMap<>();

    /**
     * Of what was written here and what an informer has, what is later.
     *
     * @param seen may be null
     * @return null when there is neither
     */
    public T latest(K key, T seen) {
        var ours = written.get(key);
        if (ours == null || (seen != null && version(seen) >= version(ours))) {
            written.remove(key);
            return seen;
        }
        return ours;
    }

    /** Remembers what the API server answered to a write. */
    public void put(K key, T object) {
        written.put(key, object);
    }

    /** Forgets an object that is gone, or that somebody else has written. */
    public void forget(K key) {
        written.remove(key);
    }

    /** Versions of one object are compared as numbers, as Kubernetes itself does since 1.35. */
    private static long version(HasMetadata object) {
        return Long.parseLong(object.getMetadata().getResourceVersion());
    }
}
