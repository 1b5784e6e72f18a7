package dev.tatara.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.Test;

class KubeApiIT {
    @Test
    void permissionsAreThoseOfRbac() {
        try (KubeApi api = KubeApi.start()) {
            var alice = api.clientAs("alice", "system:authenticated");

            assertThatThrownBy(() -> alice.secrets().inNamespace("default").list())
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("User \"alice\" cannot list resource \"secrets\"");

            api.client()
                    .resource(new ClusterRoleBindingBuilder()
                            .withNewMetadata()
                            .withName("alice")
                            .endMetadata()
                            .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                            .addNewSubject("rbac.authorization.k8s.io", "User", "alice", null)
                            .build())
                    .create();

            // The server's own watch on bindings takes a moment.
            await().untilAsserted(() -> assertThat(api.kubectl("auth", "can-i", "list", "secrets", "--as", "alice"))
                    .isEqualTo("yes\n"));
        }
    }
}
