package dev.tatara.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class PodTemplateMergeTest {
    private static final ObjectNode BASE = (ObjectNode) yaml("""
            metadata: {labels: {app.kubernetes.io/name: tatara-runtime}}
            spec:
              containers:
                - name: runtime
                  image: tatara.dev/runtime:dev
                  env: [{name: MODEL_NAME, value: churn}]
                  volumeMounts: [{name: tmp, mountPath: /tmp}]
              tolerations: [{key: a, operator: Exists}]
              volumes: [{name: tmp, emptyDir: {}}]
            """);

    @Test
    void objectsMergeFieldByFieldAndListsByTheirKey() {
        var merged = PodTemplateMerge.merge(BASE, yaml("""
                metadata: {labels: {team: growth}}
                spec:
                  nodeSelector: {disk: ssd}
                  tolerations: [{key: gpu, operator: Exists}]
                  containers:
                    - name: runtime
                      env: [{name: LOG_LEVEL, value: debug}]
                      volumeMounts: [{name: certificates, mountPath: /certs}]
                    - {name: sidecar, image: example/sidecar}
                  volumes: [{name: certificates, secret: {secretName: ca}}]
                """));

        assertThat(merged).isEqualTo(yaml("""
                metadata: {labels: {app.kubernetes.io/name: tatara-runtime, team: growth}}
                spec:
                  containers:
                    - name: runtime
                      image: tatara.dev/runtime:dev
                      env: [{name: MODEL_NAME, value: churn}, {name: LOG_LEVEL, value: debug}]
                      volumeMounts: [{name: tmp, mountPath: /tmp}, {name: certificates, mountPath: /certs}]
                    - {name: sidecar, image: example/sidecar}
                  nodeSelector: {disk: ssd}
                  tolerations: [{key: gpu, operator: Exists}]
                  volumes: [{name: tmp, emptyDir: {}}, {name: certificates, secret: {secretName: ca}}]
                """));
    }

    @Test
    void neitherArgumentIsChanged() {
        var before = BASE.deepCopy();

        PodTemplateMerge.merge(BASE, yaml("spec: {containers: [{name: runtime, tty: true}]}"));

        assertThat(BASE).isEqualTo(before);
    }

    @Test
    void reservedFieldsAreNamedByTheirPath() {
        var partial = yaml("""
                metadata: {name: mine, labels: {mlops.tatara.dev/revision: x, team: growth}}
                spec:
                  restartPolicy: Never
                  containers:
                    - {name: runtime, image: mine, env: [{name: MODEL_URI, value: x}, {name: MINE, value: x}]}
                    - {name: sidecar, image: mine}
                """);

        assertThat(PodTemplateMerge.reservedFieldsIn(partial, "runtime"))
                .containsExactly(
                        "metadata.labels[mlops.tatara.dev/revision]",
                        "metadata.name",
                        "spec.containers[runtime].env[MODEL_URI]",
                        "spec.containers[runtime].image",
                        "spec.restartPolicy");
    }

    private static JsonNode yaml(String text) {
        return Serialization.unmarshal(text, JsonNode.class);
    }
}
