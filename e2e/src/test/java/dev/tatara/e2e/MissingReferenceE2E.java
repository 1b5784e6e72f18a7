package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.ModelEndpoint;
import org.junit.jupiter.api.Test;

/** A service may be applied before the version it names: it waits, says for what, and goes on. */
@OnCluster
class MissingReferenceE2E {
    private final TestNamespace namespace;

    MissingReferenceE2E(TestNamespace namespace) {
        this.namespace = namespace;
    }

    @Test
    void serviceWaitsForItsVersionAndGoesOn() {
        namespace.apply(Manifests.pinned("late", "late-1", 1));
        var waiting = namespace.awaitInferenceService("late", service -> {
            assertThat(service.phase()).isEqualTo("Pending");
            service.hasCondition("Ready", "False");
            service.hasCondition("UpToDate", "False", "ModelVersionNotFound", "late-1");
        });
        assertThat(waiting.status("stable")).isNull();

        namespace.apply(Manifests.modelVersion("late-1", "late", "1", namespace.upload("times-2"), "None"));
        namespace.awaitServing("late", "late-1");
        assertThat(new ModelEndpoint(namespace.address("late"), "late").ask()).isEqualTo(2);
    }

    @Test
    void serviceThatFollowsWaitsForAClaimant() {
        namespace.apply(Manifests.following("follower", "followed", 1)
                + "---\n"
                + Manifests.modelVersion("followed-1", "followed", "1", namespace.upload("times-3"), "None"));
        namespace.awaitModelVersion("followed-1", version -> version.hasCondition("Ready", "True"));
        namespace.awaitInferenceService("follower", service -> {
            assertThat(service.phase()).isEqualTo("Pending");
            service.hasCondition("Ready", "False");
            assertThat(String.valueOf(
                            service.condition("UpToDate").orElseThrow().get("message")))
                    .contains("followed", "Production");
        });

        namespace
                .kubectl("patch", "mv", "followed-1", "--type=merge", "-p", "{\"spec\":{\"stage\":\"Production\"}}")
                .succeeded();
        namespace.awaitServing("follower", "followed-1");
    }
}
