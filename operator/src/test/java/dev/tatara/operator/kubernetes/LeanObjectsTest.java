package dev.tatara.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import org.junit.jupiter.api.Test;

class LeanObjectsTest {
    private static final String OBJECT = """
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"key": "value"}, "metadata": {
              "name": "churn", "labels": {"team": "ml"}, "resourceVersion": "7",
              "managedFields": [{"manager": "kubectl", "operation": "Apply", "fieldsV1": {"f:data": {"f:key": {}}}}],
              "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "owner", "uid": "1"}]}}
            """;

    @Test
    void whoManagesWhichFieldIsNotRead() {
        var map = LeanObjects.serialization().unmarshal(OBJECT, ConfigMap.class);

        assertThat(map.getMetadata().getManagedFields()).isEmpty();
        assertThat(map.getMetadata().getAdditionalProperties()).isEmpty();
        assertThat(map.getData()).containsEntry("key", "value");
        assertThat(map.getMetadata().getLabels()).containsEntry("team", "ml");
        assertThat(map.getMetadata().getResourceVersion()).isEqualTo("7");
        assertThat(map.getMetadata().getOwnerReferences()).hasSize(1);
    }

    @Test
    void kindsAreFound() {
        assertThat(LeanObjects.serialization().<HasMetadata>unmarshal(OBJECT)).isInstanceOf(ConfigMap.class);
    }
}
