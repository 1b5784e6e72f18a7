package dev.tatara.e2e.cluster;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** What the API server told of an object since somebody began to listen, version by version. */
public final class Story implements AutoCloseable {
    private final List<Moment> moments = new CopyOnWriteArrayList<>();
    private final SharedIndexInformer<GenericKubernetesResource> informer;

    /**
     * A version of the object.
     *
     * @param at when it was heard of
     */
    public record Moment(Instant at, CustomObject object) {}

    Story(Resource<GenericKubernetesResource> object) {
        informer = object.inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(GenericKubernetesResource first) {
                tell(first);
            }

            @Override
            public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource after) {
                tell(after);
            }

            @Override
            public void onDelete(GenericKubernetesResource last, boolean isUnknown) {}
        });
    }

    private void tell(GenericKubernetesResource version) {
        moments.add(new Moment(Instant.now(), new CustomObject(version)));
    }

    /** Everything so far. */
    public List<Moment> moments() {
        return List.copyOf(moments);
    }

    /** Waits for the first version that is as described, from the beginning on. */
    public Moment awaitFirst(String description, Predicate<CustomObject> condition) {
        return awaitAfter(Instant.MIN, description, condition);
    }

    /** Waits for the first version that was heard of after an instant and is as described. */
    public Moment awaitAfter(Instant after, String description, Predicate<CustomObject> condition) {
        return await(description)
                .atMost(Cluster.LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(
                        () -> moments.stream()
                                .filter(moment -> moment.at().isAfter(after) && condition.test(moment.object()))
                                .findFirst()
                                .orElse(null),
                        Objects::nonNull);
    }

    /** The values that a field of the status had, each once for each time that it came, without nothing. */
    public List<Object> values(String... path) {
        var values = new ArrayList<>();
        for (var moment : moments) {
            var value = moment.object().status(path);
            if (value != null && (values.isEmpty() || !values.getLast().equals(value))) {
                values.add(value);
            }
        }
        return values;
    }

    @Override
    public void close() {
        informer.close();
    }
}
