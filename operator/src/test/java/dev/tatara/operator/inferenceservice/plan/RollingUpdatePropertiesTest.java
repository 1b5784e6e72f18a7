package dev.tatara.operator.inferenceservice.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds of a rollout whatever happens in whatever order. */
class RollingUpdatePropertiesTest {
    /** Something that happens to a service. */
    enum Happening {
        AskFor1,
        AskFor2,
        AskFor3,
        ModelGoesAway,
        PodsGetReady,
        CandidateBreaks,
        CandidateIsMended,
        TenSecondsPass,
        AMinutePasses,
        Pause,
        GoOn,
        ScaleTo1,
        ScaleTo5,
        OperatorIsKilledHalfWay
    }

    private static final String FORMAT = "{model: {versionRef: {name: churn}}, replicas: %d, rollout: {paused: %s}}";

    private final SimulatedCluster cluster = new SimulatedCluster(FORMAT.formatted(2, false));
    private int replicas = 2;
    private boolean paused;

    @Property(tries = 500)
    void theTrafficIsNeverLeftAlone(@ForAll("histories") List<Happening> history) {
        for (var happening : history) {
            happen(happening);
            // Each reconciliation starts from what is in the cluster alone, as after a restart.
            step(happening == Happening.OperatorIsKilledHalfWay);
        }
        comesToRest();
    }

    @Provide
    Arbitrary<List<Happening>> histories() {
        return Arbitraries.of(Happening.class).list().ofMinSize(1).ofMaxSize(60);
    }

    private void happen(Happening happening) {
        switch (happening) {
            case AskFor1 -> cluster.choose(1);
            case AskFor2 -> cluster.choose(2);
            case AskFor3 -> cluster.choose(3);
            case ModelGoesAway -> cluster.chooseNothing();
            case PodsGetReady -> cluster.podsGetReady();
            case CandidateBreaks -> candidate().ifPresent(cluster::breakRevision);
            case CandidateIsMended -> cluster.mend();
            case TenSecondsPass -> cluster.now = cluster.now.plusSeconds(10);
            case AMinutePasses -> cluster.now = cluster.now.plusSeconds(60);
            case Pause -> specify(replicas, true);
            case GoOn -> specify(replicas, false);
            case ScaleTo1 -> specify(1, paused);
            case ScaleTo5 -> specify(5, paused);
            case OperatorIsKilledHalfWay -> {}
        }
    }

    private void specify(int replicas, boolean paused) {
        this.replicas = replicas;
        this.paused = paused;
        cluster.specify(FORMAT.formatted(replicas, paused));
    }

    private Optional<String> candidate() {
        return plan().rollout() instanceof Plan.Rollout.Rolling rolling
                ? Optional.of(rolling.candidate())
                : Optional.empty();
    }

    private void step(boolean half) {
        var before = cluster.observe();
        var selectedBefore = before.selectedRevision();
        var plan = plan();
        if (half) {
            cluster.carryOut(firstHalfOf(plan));
        } else {
            cluster.look(planner(), Optional.empty());
        }
        var selectedAfter = cluster.observe().selectedRevision();

        if (selectedBefore.isPresent()) {
            assertThat(selectedAfter)
                    .as("once routed, always routed: %s", cluster.describe())
                    .isPresent();
            if (!selectedAfter.equals(selectedBefore)) {
                assertThat(before.isAvailable(selectedAfter.get(), replicas))
                        .as("the traffic moves to a revision only when all its pods are available")
                        .isTrue();
                assertThat(cluster.deployments())
                        .as("the pods that lost the traffic are still there")
                        .containsKey(selectedBefore.get());
            }
        }
        assertThat(deleted(plan, Deployment.class))
                .as("neither the revision with the traffic nor one that lost it just now is deleted")
                .noneMatch(revision -> Optional.of(revision).equals(selectedAfter)
                        || Optional.of(revision).equals(selectedBefore));
    }

    private void comesToRest() {
        specify(replicas, false);
        cluster.mend();
        for (int i = 0; i < 12; i++) {
            cluster.podsGetReady();
            cluster.look(planner(), Optional.empty());
        }
        cluster.now = cluster.now.plus(Duration.ofMinutes(2));
        cluster.look(planner(), Optional.empty());

        var plan = plan();
        assertThat(plan.scale()).isEmpty();
        assertThat(plan.delete()).isEmpty();
        assertThat(plan.rollout())
                .isInstanceOfAny(Plan.Rollout.Settled.class, Plan.Rollout.Held.class, Plan.Rollout.Nothing.class);
        assertThat(cluster.deployments()).hasSizeLessThanOrEqualTo(1);
    }

    private static Plan firstHalfOf(Plan plan) {
        return new Plan(
                null,
                plan.routing(),
                plan.apply().subList(0, plan.apply().size() / 2),
                List.of(),
                List.of(),
                null,
                null,
                plan.rollout());
    }

    private static List<String> deleted(Plan plan, Class<? extends HasMetadata> kind) {
        return plan.delete().stream()
                .filter(kind::isInstance)
                .map(SimulatedCluster::revisionOf)
                .collect(Collectors.toList());
    }

    private Plan plan() {
        return planner().plan(cluster.observe(), Optional.empty(), RolloutPlanner.Signals.NONE);
    }

    private RolloutPlanner planner() {
        return new RolloutPlanner(
                new PodRenderer(cluster.serialization), cluster.serialization, SimulatedCluster.SETTINGS);
    }
}
