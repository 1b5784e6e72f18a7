package dev.tatara.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class HeldUpNewsIT {
    @AutoClose
    private static final KubeApi api = KubeApi.start();

    private final HeldUpNews news = new HeldUpNews(new EventRecorder(api.client(), Clock.systemUTC(), "test"));

    @Test
    void whatFailsAgainAndAgainIsToldOnce() {
        var object = object("stuck");
        fail(object, 2);
        assertThat(eventsOf(object)).isEmpty();

        fail(object, 10);

        assertThat(eventsOf(object)).singleElement().satisfies(event -> {
            assertThat(event.getType()).isEqualTo("Warning");
            assertThat(event.getReason()).isEqualTo("HeldUp");
            assertThat(event.getNote())
                    .isEqualTo("can't be brought to its desired state, and is tried again: range is full");
        });
    }

    @Test
    void aSuccessBetweenFailuresBeginsAnew() {
        var object = object("shaky");
        fail(object, 2);
        news.finishedReconciliation(object, Map.of());
        fail(object, 2);

        assertThat(eventsOf(object)).isEmpty();
    }

    @Test
    void anObjectOfTheSameNameBeginsAnew() {
        var object = object("deleted");
        fail(object, 2);
        news.cleanupDoneFor(ResourceID.fromResource(object), Map.of());
        fail(object, 2);

        assertThat(eventsOf(object)).isEmpty();
    }

    private void fail(ConfigMap object, int times) {
        for (var time = 0; time < times; time++) {
            news.failedReconciliation(object, new KubernetesClientException("range is full"), Map.of());
        }
    }

    private static ConfigMap object(String name) {
        return api.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("default")
                        .endMetadata()
                        .build())
                .create();
    }

    private static List<Event> eventsOf(ConfigMap object) {
        return api.client().events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getRegarding()
                        .getUid()
                        .equals(object.getMetadata().getUid()))
                .toList();
    }
}
