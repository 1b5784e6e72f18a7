package dev.tatara.operator.trainingjob.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.operator.trainingjob.train.Runs;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.Test;

/** Ledgers before a real API server. */
class LedgerMapIT {
    @Test
    void theLargestIsTakenAndAnOldOneIsNot() {
        try (var api = KubeApi.start()) {
            var client = api.client();
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName("ml")
                            .endMetadata()
                            .build())
                    .create();
            var job = Runs.job("trainer: {image: x}");
            var largest = LedgerMapTest.ledger(10_000, 64);

            var first = client.resource(LedgerMap.render(job, 3, Ledger.EMPTY, null))
                    .create();
            var second =
                    client.resource(LedgerMap.render(job, 3, largest, first)).update();
            assertThat(LedgerMap.read(second).trials()).hasSize(10_000);
            assertThatThrownBy(() -> client.resource(LedgerMap.render(job, 3, Ledger.EMPTY, first))
                            .update())
                    .isInstanceOfSatisfying(KubernetesClientException.class, e -> assertThat(e.getCode())
                            .isEqualTo(409));
        }
    }
}
