package dev.tatara.operator.inferenceservice.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.operator.inferenceservice.rollout.Stages;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RolloutPlannerTest {
    private static final String FIXED = "{model: {versionRef: {name: churn-1}}, replicas: 3}";
    private static final String AUTOSCALED =
            "{model: {versionRef: {name: churn-1}}, autoscaling: {minReplicas: 2, maxReplicas: 10}}";

    private SimulatedCluster cluster = new SimulatedCluster(FIXED);

    @Test
    void withoutAModelNothingIsMade() {
        var plan = plan();

        assertThat(plan.apply()).isEmpty();
        assertThat(plan.rollout()).isInstanceOf(Plan.Rollout.Nothing.class);
    }

    @Test
    void theFirstRevisionIsRoutedAtOnceAndScaled() {
        cluster.choose(1);
        settle();

        assertThat(cluster.deployments()).hasSize(1);
        assertThat(cluster.deployments().values())
                .allSatisfy(deployment ->
                        assertThat(deployment.getSpec().getReplicas()).isEqualTo(3));
        assertThat(selected())
                .isEqualTo(cluster.deployments().keySet().iterator().next());
    }

    @Test
    void theTrafficStaysUntilEveryPodOfTheCandidateIsAvailable() {
        cluster.choose(1);
        settle();
        var first = selected();
        cluster.choose(2);
        settleWithoutPods();

        assertThat(selected()).isEqualTo(first);
        assertThat(plan().rollout()).isInstanceOfSatisfying(Plan.Rollout.Rolling.class, rolling -> {
            assertThat(rolling.stable()).isEqualTo(first);
            assertThat(rolling.message()).contains("0 of 3 ready");
        });

        settle();

        assertThat(selected()).isNotEqualTo(first);
        assertThat(cluster.deployments()).as("the old pods stay for a while").hasSize(2);
        assertThat(plan().recheckAfter()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void theOldPodsGoAfterTheScaleDownDelay() {
        rollFrom1To2();
        cluster.now = cluster.now.plusSeconds(29);
        settle();
        assertThat(cluster.deployments()).hasSize(2);

        cluster.now = cluster.now.plusSeconds(1);
        settle();

        assertThat(cluster.deployments()).containsOnlyKeys(selected());
        assertThat(cluster.observe().others()).allSatisfy(object -> assertThat(SimulatedCluster.revisionOf(object))
                .isEqualTo(selected()));
    }

    @Test
    void theWayBackNeedsNoPodToStart() {
        cluster.choose(1);
        settle();
        var first = selected();
        cluster.choose(2);
        settle();
        cluster.choose(1);

        cluster.carryOut(plan());

        assertThat(selected()).isEqualTo(first);
    }

    @Test
    void aCandidateThatBreaksLeavesTheTrafficAloneAndIsOverdueAtTheDeadline() {
        cluster.choose(1);
        settle();
        var first = selected();
        cluster.choose(2);
        settleWithoutPods();
        cluster.now = cluster.now.plus(Duration.ofMinutes(10));

        assertThat(plan().rollout()).isInstanceOfSatisfying(Plan.Rollout.Rolling.class, rolling -> {
            assertThat(rolling.overdue()).isTrue();
            assertThat(rolling.stable()).isEqualTo(first);
        });
    }

    /** Where the candidate has an address of its own, somebody may ask it there. */
    @Test
    void whatIsAskedAtAPreviewCanBeJudged() {
        var spec = "{model: {versionRef: {name: churn-1}}, rollout: {strategy: BlueGreen, blueGreen: {preview: %s,"
                + " prePromotion: {analysis: {checks: [{name: errors, errorRate: {max: 0.01}}]}}}}}";
        assertThat(obstacle(spec.formatted(true))).isEmpty();
        assertThat(obstacle(spec.formatted(false)))
                .hasValueSatisfying(why -> assertThat(why).contains("errors", "preview", "weight 0"));
    }

    private static Optional<String> obstacle(String specification) {
        var rollout = new SimulatedCluster(specification)
                .observe()
                .service()
                .getSpec()
                .rollout();
        return Stages.of(rollout).stream()
                .map(Stages::obstacle)
                .flatMap(Optional::stream)
                .findFirst();
    }

    @Test
    void anUpgradeOfTheOperatorRollsNothingOut() {
        cluster.choose(1);
        settle();
        var plan = plan(new ServingSettings(
                "tatara.dev/runtime:next",
                "Always",
                "s3://other",
                null,
                "other",
                Duration.ZERO,
                Duration.ofHours(1),
                ""));

        cluster.carryOut(plan);
        assertThat(cluster.observe().imageOf(selected())).contains("tatara.dev/runtime:dev");
    }

    @Test
    void withUpgradeAutomaticItDoes() {
        cluster.specify("{model: {versionRef: {name: churn-1}}, runtime: {upgrade: Automatic}}");
        cluster.choose(1);
        settle();
        var before = selected();

        cluster.carryOut(plan(new ServingSettings(
                "tatara.dev/runtime:next",
                "Always",
                "s3://other",
                null,
                "other",
                Duration.ofSeconds(30),
                Duration.ofHours(1),
                "")));

        assertThat(selected()).isEqualTo(before);
        assertThat(cluster.observe().imageOf(selected())).contains("tatara.dev/runtime:next");
    }

    @Test
    void theAutoscalerIsHandedTheCandidateWithAsManyPodsAsStableHad() {
        cluster = new SimulatedCluster(AUTOSCALED);
        cluster.choose(1);
        settle();
        cluster.deployments().get(selected()).getSpec().setReplicas(7);
        cluster.podsGetReady();
        var first = selected();
        cluster.choose(2);
        settle();

        assertThat(selected()).isNotEqualTo(first);
        assertThat(cluster.deployments().get(selected()).getSpec().getReplicas())
                .isEqualTo(7);
        assertThat(cluster.of(HorizontalPodAutoscaler.class)).singleElement().satisfies(autoscaler -> assertThat(
                        autoscaler.getSpec().getScaleTargetRef().getName())
                .isEqualTo("churn-" + selected()));
    }

    @Test
    void whatTheAutoscalerSetIsLeftAlone() {
        cluster = new SimulatedCluster(AUTOSCALED);
        cluster.choose(1);
        settle();
        cluster.deployments().get(selected()).getSpec().setReplicas(9);

        assertThat(plan().scale()).isEmpty();
    }

    @Test
    void aPausedRolloutKeepsWhatThereIs() {
        cluster.choose(1);
        settle();
        var first = selected();
        cluster.specify("{model: {versionRef: {name: churn-2}}, replicas: 3, rollout: {paused: true}}");
        cluster.choose(2);
        settle();

        assertThat(selected()).isEqualTo(first);
        assertThat(cluster.deployments()).hasSize(1);
    }

    @Test
    void protocolsThatAreOffHaveNoPort() {
        cluster.specify("{model: {versionRef: {name: churn-1}}, protocols: {grpc: false}}");
        cluster.choose(1);
        settle();

        assertThat(cluster.of(Service.class)).singleElement().satisfies(front -> assertThat(
                        front.getSpec().getPorts())
                .extracting(port -> port.getName())
                .containsExactly("http"));
    }

    private void rollFrom1To2() {
        cluster.choose(1);
        settle();
        cluster.choose(2);
        settle();
    }

    private Plan plan() {
        return plan(SimulatedCluster.SETTINGS);
    }

    /** The plan once everything that changed is noted. */
    private Plan plan(ServingSettings settings) {
        var planner = planner(settings);
        for (int i = 0; i < 10; i++) {
            var plan = planner.plan(cluster.observe(), Optional.empty(), RolloutPlanner.Signals.NONE);
            if (plan.note() == null) {
                return plan;
            }
            cluster.look(planner, Optional.empty());
        }
        throw new AssertionError("something changes all the time");
    }

    private RolloutPlanner planner(ServingSettings settings) {
        return new RolloutPlanner(new PodRenderer(cluster.serialization), cluster.serialization, settings);
    }

    private void settle() {
        for (int i = 0; i < 5; i++) {
            cluster.look(planner(SimulatedCluster.SETTINGS), Optional.empty());
            cluster.podsGetReady();
        }
    }

    private void settleWithoutPods() {
        for (int i = 0; i < 5; i++) {
            cluster.look(planner(SimulatedCluster.SETTINGS), Optional.empty());
        }
    }

    private String selected() {
        return cluster.observe().selectedRevision().orElseThrow();
    }
}
