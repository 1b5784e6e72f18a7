package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Phase;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.testing.MortalClient;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import org.junit.jupiter.api.Test;

/** Rollouts of a service whose pods an autoscaler counts; the test plays the autoscaler. */
class AutoscaledRolloutIT extends InferenceServiceScene {
    private static final String SPECIFICATION = "model: {follow: {model: churn, stage: Production}},"
            + " autoscaling: {minReplicas: 2, maxReplicas: 10},"
            + " rollout: {scaleDownDelay: 2s, strategy: Canary, canary: {steps: [{name: taste, weight: 20, manual: true},"
            + " {name: half, weight: 50, manual: true}, {name: all, weight: 100, manual: true}]}}";
    private static final PatchContext BY_AUTOSCALER = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager("horizontal-pod-autoscaler")
            .build();

    @Test
    void theAutoscalerGoesOnAtStableAndTheCandidateFollowsItUp() {
        serveFirstBySixPods();
        var first = deploymentOf(status().stable().revision());

        ready(version(2));
        awaitHeld("taste");
        var second = deploymentOf(status().candidate().revision());
        assertThat(pods(second)).as("20 % of 6").isEqualTo(2);
        assertThat(pods(first)).isEqualTo(6);
        assertAutoscaled(first, 6);

        // The load rises: the autoscaler adds pods to stable, and the candidate gets its part.
        scale(first, 10);
        promote();
        awaitHeld("half");
        assertThat(pods(second)).as("50 % of 10").isEqualTo(5);
        // It falls: stable doesn't go below what it had before the rollout, and the candidate keeps what it has.
        scale(first, 6);
        awaitQuiet();
        assertThat(pods(second)).isEqualTo(5);
        assertThat(pods(first)).isEqualTo(6);
        assertAutoscaled(first, 6);

        promote();
        awaitHeld("all");
        assertThat(pods(second)).as("as many as stable").isEqualTo(6);
        assertThat(pods(first)).as("stable loses none before the promotion").isEqualTo(6);
        assertAutoscaled(first, 6);

        promote();
        awaitServed("churn-2");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(owned(Deployment.class))
                .singleElement()
                .satisfies(left -> assertThat(left.getMetadata().getName()).isEqualTo(second)));
        assertThat(pods(second)).as("handed over without a reset").isEqualTo(6);
        assertAutoscaled(second, 2);
    }

    @Test
    void aRollbackFindsAllOfStablesPodsAndItsAutoscaler() {
        serveFirstBySixPods();
        var first = deploymentOf(status().stable().revision());
        ready(version(2));
        awaitHeld("taste");
        promote();
        awaitHeld("half");

        annotate("abort", status().candidate().revision());
        await().atMost(LIMIT).until(() -> status().phase() == Phase.RolledBack);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(owned(Deployment.class)).hasSize(1));

        assertThat(pods(first)).isEqualTo(6);
        assertAutoscaled(first, 2);
        assertThat(status().stable().modelVersion()).isEqualTo("churn-1");
    }

    private void serveFirstBySixPods() {
        start(MortalClient.immortal(api));
        ready(version(1));
        apply(SPECIFICATION);
        awaitServed("churn-1");
        scale(deploymentOf(status().stable().revision()), 6);
        awaitQuiet();
    }

    private void awaitHeld(String step) {
        await().atMost(LIMIT)
                .until(() -> status().rollout() != null
                        && step.equals(status().rollout().stepName())
                        && status().rollout().heldSince() != null);
    }

    private void promote() {
        var rollout = status().rollout();
        annotate("promote", rollout.revision() + "/" + rollout.stepName());
    }

    private String deploymentOf(String revision) {
        return owned(Deployment.class).stream()
                .filter(found -> revision.equals(found.getMetadata().getLabels().get(Labels.REVISION)))
                .findFirst()
                .orElseThrow()
                .getMetadata()
                .getName();
    }

    private int pods(String deployment) {
        return api.client()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName(deployment)
                .get()
                .getSpec()
                .getReplicas();
    }

    private void scale(String deployment, int replicas) {
        api.client()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName(deployment)
                .patch(BY_AUTOSCALER, "{\"spec\":{\"replicas\":" + replicas + "}}");
    }

    /** One autoscaler there is, and it has this Deployment in hand. */
    private void assertAutoscaled(String deployment, int fewest) {
        assertThat(owned(HorizontalPodAutoscaler.class)).singleElement().satisfies(autoscaler -> {
            assertThat(autoscaler.getSpec().getScaleTargetRef().getName()).isEqualTo(deployment);
            assertThat(autoscaler.getSpec().getMinReplicas()).isEqualTo(fewest);
            assertThat(autoscaler.getSpec().getMaxReplicas()).isEqualTo(10);
        });
    }
}
