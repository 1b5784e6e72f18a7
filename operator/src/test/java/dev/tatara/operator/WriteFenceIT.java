package dev.tatara.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import org.junit.jupiter.api.Test;

class WriteFenceIT {
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("test")
            .build();

    @Test
    void whoEndsReadsAndGivesItsLeaseBackButWritesNothing() {
        var fence = new WriteFence();
        try (var api = KubeApi.start();
                var client = new KubernetesClientBuilder()
                        .withConfig(api.config())
                        .withHttpClientBuilderConsumer(builder -> builder.addOrReplaceInterceptor("fence", fence))
                        .build()) {
            client.resource(map("before")).create();
            fence.close();

            assertThatThrownBy(() -> client.resource(map("after")).create()).hasMessageContaining("next leader");
            assertThatThrownBy(() -> client.resource(map("after")).patch(APPLY)).hasMessageContaining("next leader");
            assertThatThrownBy(() -> client.resource(map("before")).delete()).hasMessageContaining("next leader");
            assertThat(client.configMaps().inNamespace("default").list().getItems())
                    .extracting(found -> found.getMetadata().getName())
                    .contains("before")
                    .doesNotContain("after");
            var lease = client.resource(new LeaseBuilder()
                            .withNewMetadata()
                            .withName("leader")
                            .withNamespace("default")
                            .endMetadata()
                            .build())
                    .create();
            assertThat(lease.getMetadata().getUid()).isNotNull();
        }
    }

    private static ConfigMap map(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .build();
    }
}
