package dev.tatara.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An object of one of our kinds as the API server answered with it.
 *
 * @param resource the object
 */
public record CustomObject(GenericKubernetesResource resource) {
    /** A field of the status, null where it is absent. */
    public Object status(String... path) {
        var all = new Object[path.length + 1];
        all[0] = "status";
        System.arraycopy(path, 0, all, 1, path.length);
        return resource.get(all);
    }

    public String phase() {
        return String.valueOf(status("phase"));
    }

    public String uid() {
        return resource.getMetadata().getUid();
    }

    public String resourceVersion() {
        return resource.getMetadata().getResourceVersion();
    }

    /** A condition that describes the present generation. */
    public Optional<Map<String, Object>> condition(String type) {
        List<Map<String, Object>> conditions = resource.get("status", "conditions");
        return conditions == null
                ? Optional.empty()
                : conditions.stream()
                        .filter(condition -> type.equals(condition.get("type")))
                        .findFirst();
    }

    /** Asserts the status of a condition; a failure shows all of them. */
    public CustomObject hasCondition(String type, String status) {
        assertThat(condition(type).map(condition -> condition.get("status")))
                .as("condition %s in %s", type, resource.<Object>get("status"))
                .contains(status);
        return this;
    }

    /** Asserts status and reason of a condition and that its message contains the words. */
    public CustomObject hasCondition(String type, String status, String reason, String... words) {
        hasCondition(type, status);
        var condition = condition(type).orElseThrow();
        assertThat(condition.get("reason")).as("reason in %s", condition).isEqualTo(reason);
        assertThat(words).allSatisfy(word -> assertThat(String.valueOf(condition.get("message")))
                .contains(word));
        return this;
    }
}
