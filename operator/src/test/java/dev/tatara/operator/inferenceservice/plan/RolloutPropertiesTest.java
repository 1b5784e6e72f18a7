package dev.tatara.operator.inferenceservice.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.inferenceservice.rollout.Stage;
import dev.tatara.operator.inferenceservice.rollout.Stages;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds of a rollout by any strategy, whatever happens in whatever order: docs/decisions/196. */
class RolloutPropertiesTest {
    /** Something that happens to a service. */
    enum Happening {
        AskFor1,
        AskFor2,
        AskFor3,
        ModelGoesAway,
        PodsGetReady,
        PodsGetReadyAgain,
        CandidateBreaks,
        StableBreaks,
        PodsAreMended,
        TenSecondsPass,
        AMinutePasses,
        AnHourPasses,
        Pause,
        GoOn,
        Abort,
        Promote,
        PromoteToTheEnd,
        Retry,
        RollBack,
        AnnotationsGo,
        ChecksPass,
        ChecksFail,
        ChecksLackSamples,
        PodsAreUnreachable,
        PodsAreReachable,
        StepsChange,
        ScaleTo1,
        ScaleTo5,
        StatusIsLost,
        OperatorIsKilledHalfWay
    }

    /** Strategies with stages that hold, are judged, wait for people, and copy. */
    enum Block {
        RollingUpdate("strategy: RollingUpdate"),
        Canary("strategy: Canary, canary: {sticky: {header: x-user}, match: [{header: x-canary, value: 'true'}],"
                + " steps: [{name: taste, weight: 5, hold: 20s}, {name: half, weight: 50, manual: true},"
                + " {name: all, weight: 100, hold: 10s}]}"),
        Judged("strategy: Canary, canary: {candidateReplicas: {mode: Fixed, fixed: 2},"
                + " steps: [{name: some, weight: 20, hold: 10s}, {name: all, weight: 100}]},"
                + " analysis: {interval: 10s, checks: [{name: errors, errorRate: {max: 0.01}}]}"),
        Patient("strategy: Canary, onFailure: Pause, canary: {candidateReplicas: {mode: Full},"
                + " steps: [{name: copies, weight: 0, shadow: {percent: 20}}, {name: all, weight: 100}]},"
                + " analysis: {interval: 10s, failureLimit: 2, onInsufficientData: Pause,"
                + " checks: [{name: errors, errorRate: {max: 0.01}}]}"),
        BlueGreen("strategy: BlueGreen, blueGreen: {preview: true, prePromotion: {hold: 10s}}"),
        Shadow("strategy: Shadow, shadow: {percent: 50, hold: 20s, thenPromote: true}"),
        ABTest("strategy: ABTest, abTest: {sticky: {header: x-user}, metric: {name: sold, kind: Proportion},"
                + " baselineRate: 0.1, minimumEffect: 0.01, winner: Promote}");

        final String text;

        Block(String text) {
            this.text = text;
        }
    }

    private static final String FORMAT =
            "{model: {versionRef: {name: churn}}, replicas: %d, rollout: {paused: %s, %s}}";
    private static final Duration DELAY = SimulatedCluster.SETTINGS.scaleDownDelay();

    private SimulatedCluster cluster;
    private Block block;
    private String steps;
    private int replicas = 2;
    private boolean paused;

    @Property(tries = 60)
    void whatMustHold(@ForAll Block chosen, @ForAll("histories") List<Happening> history) {
        block = chosen;
        steps = chosen.text;
        replicas = 2;
        paused = false;
        cluster = new SimulatedCluster(FORMAT.formatted(2, false, steps));
        cluster.choose(1);
        settle();
        cluster.choose(2);
        for (var happening : history) {
            happen(happening);
            if (happening == Happening.OperatorIsKilledHalfWay) {
                halfALook();
            }
            for (int i = 0; i < 3; i++) {
                look(happening);
            }
        }
        comesToRest();
    }

    @Provide
    Arbitrary<List<Happening>> histories() {
        // Pods get ready and time passes more often than all else.
        return Arbitraries.oneOf(
                        Arbitraries.of(Happening.class),
                        Arbitraries.of(
                                Happening.PodsGetReady,
                                Happening.TenSecondsPass,
                                Happening.PodsAreReachable,
                                Happening.ChecksPass))
                .list()
                .ofMinSize(10)
                .ofMaxSize(50);
    }

    private void happen(Happening happening) {
        switch (happening) {
            case AskFor1 -> cluster.choose(1);
            case AskFor2 -> cluster.choose(2);
            case AskFor3 -> cluster.choose(3);
            case ModelGoesAway -> cluster.chooseNothing();
            case PodsGetReady, PodsGetReadyAgain -> cluster.podsGetReady();
            case CandidateBreaks -> candidate().ifPresent(cluster::breakRevision);
            case StableBreaks -> cluster.observe().selectedRevision().ifPresent(cluster::breakRevision);
            case PodsAreMended -> {
                cluster.mend();
                cluster.podsGetReady();
            }
            case TenSecondsPass -> pass(10);
            case AMinutePasses -> pass(60);
            case AnHourPasses -> pass(3600);
            case Pause -> specify(replicas, true);
            case GoOn -> specify(replicas, false);
            case Abort -> candidate().ifPresent(id -> cluster.annotate("abort", id));
            case Promote -> candidate().ifPresent(id -> cluster.annotate("promote", id));
            case PromoteToTheEnd -> candidate().ifPresent(id -> cluster.annotate("promote", id + "/full"));
            case Retry ->
                status().rejected().stream()
                        .map(Rejection::revision)
                        .findFirst()
                        .or(this::candidate)
                        .ifPresent(id -> cluster.annotate("retry", id));
            case RollBack -> cluster.observe().selectedRevision().ifPresent(id -> cluster.annotate("rollback", id));
            case AnnotationsGo ->
                List.of("abort", "promote", "retry", "rollback").forEach(name -> cluster.annotate(name, null));
            case ChecksPass -> cluster.checksFind(found(Verdict.Passed));
            case ChecksFail -> cluster.checksFind(found(Verdict.Failed));
            case ChecksLackSamples -> cluster.checksFind(found(Verdict.InsufficientData));
            case PodsAreUnreachable -> cluster.podsUnreachable(true);
            case PodsAreReachable -> cluster.podsUnreachable(false);
            case StepsChange -> {
                steps = steps.contains("half")
                        ? steps.replace("half", "two-thirds").replace("50", "66")
                        : steps;
                specify(replicas, paused);
            }
            case ScaleTo1 -> specify(1, paused);
            case ScaleTo5 -> specify(5, paused);
            case StatusIsLost -> cluster.report(null);
            case OperatorIsKilledHalfWay -> {}
        }
    }

    private static List<CheckResult> found(Verdict verdict) {
        return List.of("errors", CheckResult.COMPARISON, CheckResult.EXPERIMENT).stream()
                .map(name -> new CheckResult(name, 0.0, 0.5, 1000, verdict, "as the test says"))
                .toList();
    }

    private void pass(long seconds) {
        cluster.now = cluster.now.plusSeconds(seconds);
    }

    private void specify(int pods, boolean pause) {
        replicas = pods;
        paused = pause;
        cluster.specify(FORMAT.formatted(pods, pause, steps));
    }

    private InferenceServiceStatus status() {
        var status = cluster.observe().service().getStatus();
        return status == null ? InferenceServiceStatus.EMPTY : status;
    }

    private Optional<String> candidate() {
        return Optional.ofNullable(status().candidate()).map(InferenceServiceStatus.RevisionStatus::revision);
    }

    private void halfALook() {
        var plan = planner().plan(cluster.observe(), Optional.empty(), RolloutPlanner.Signals.NONE);
        cluster.carryOut(new Plan(
                null,
                null,
                plan.apply().subList(0, plan.apply().size() / 2),
                List.of(),
                List.of(),
                null,
                null,
                plan.rollout()));
    }

    private void look(Happening cause) {
        var before = cluster.observe();
        var statusBefore = status();
        var routingBefore = cluster.routing;
        var acknowledgedBefore = cluster.acknowledged;
        var selectedBefore = before.selectedRevision().orElseThrow();
        var podsBefore = before.replicas(selectedBefore);
        var rejectedBefore = statusBefore.rejected().stream()
                .map(Rejection::revision)
                .filter(revision -> before.isRejected(revision, before.modelOf(revision)))
                .collect(Collectors.toSet());

        var plan = cluster.look(planner(), Optional.empty());

        var selected = cluster.observe().selectedRevision().orElseThrow();
        if (plan.note() != null) {
            assertThat(plan.apply())
                    .as("what changed is noted, and nothing else is done")
                    .isEmpty();
            assertThat(plan.scale()).isEmpty();
            assertThat(plan.delete()).isEmpty();
        }
        // What follows from the status as it was is brought about before anything is noted.
        var routing = cluster.routing;
        for (var share : routing.shares()) {
            var revision = share.revision();
            var raised = routingBefore != null && share.weight() > routingBefore.weightOf(revision);
            if (raised && !revision.equals(selectedBefore)) {
                assertThat(before.readyReplicas(revision))
                        .as("after %s, traffic reaches %s only with its pods ready: %s", cause, revision, routing)
                        .isPositive();
            }
            if (raised
                    && !revision.equals(selectedBefore)
                    && routingBefore.weightOf(revision) > 0
                    && !rejectedBefore.contains(selectedBefore)) {
                assertThat(acknowledgedBefore.weightOf(revision))
                        .as("after %s, the weight of %s rises once all acknowledged the one before", cause, revision)
                        .isEqualTo(routingBefore.weightOf(revision));
            }
            if (rejectedBefore.contains(revision) && !revision.equals(selectedBefore)) {
                assertThat(share.closed())
                        .as("what was rejected is closed: %s", routing)
                        .isTrue();
            }
        }
        rejectedBefore.stream()
                .filter(revision -> !revision.equals(selectedBefore))
                .forEach(revision -> assertThat(routing.reaches(revision))
                        .as("after %s, nothing reaches %s, which was rejected: %s", cause, revision, routing)
                        .isFalse());
        candidate().ifPresent(candidate -> {
            if (statusBefore.rollout() != null
                    && statusBefore.rollout().pausedAt() != null
                    && candidate.equals(statusBefore.rollout().revision())) {
                // What was noted just before the pause may not have been brought about yet.
                var noted = statusBefore.candidate().weight();
                assertThat(routing.weightOf(candidate))
                        .as("a paused rollout doesn't go on")
                        .isLessThanOrEqualTo(Math.max(routingBefore.weightOf(candidate), noted == null ? 0 : noted));
            }
        });
        if (!selected.equals(selectedBefore)) {
            assertThat(before.isAvailable(selected, Math.min(replicas, podsBefore)))
                    .as("after %s, all pods of %s are available when it is selected", cause, selected)
                    .isTrue();
            assertThat(cluster.deployments()).containsKey(selectedBefore);
            var isWayBack = rejectedBefore.contains(selectedBefore);
            if (block != Block.RollingUpdate && !isWayBack) {
                assertThat(routingBefore.weightOf(selected))
                        .as("after %s, %s carried everything before it is selected", cause, selected)
                        .isEqualTo(Routing.ALL);
                assertThat(cluster.acknowledged.weightOf(selected))
                        .as("after %s, every pod has acknowledged that %s carries everything", cause, selected)
                        .isEqualTo(Routing.ALL);
            }
        } else if (plan.note() == null) {
            assertThat(cluster.deployments()).as("stable's pods stay").containsKey(selected);
            assertThat(cluster.observe().replicas(selected))
                    .as("stable's number is the user's")
                    .isEqualTo(replicas);
        }
        for (var gone : deleted(plan)) {
            assertThat(gone).isNotEqualTo(selected).isNotEqualTo(selectedBefore);
            assertThat(routing.reaches(gone)).isFalse();
            assertThat(cluster.now)
                    .as("pods of %s stay for a while after they lost the traffic", gone)
                    .isAfterOrEqualTo(lostTraffic(before, gone).plus(DELAY));
        }
    }

    /** When a revision was given up, or replaced; a candidate without a ready pod needs no time. */
    private static Instant lostTraffic(Observed before, String revision) {
        var replaced = before.selectedAt().orElse(Instant.EPOCH);
        var givenUp = before.givenUpAt(revision);
        if (before.wasEverPromoted(revision)) {
            return givenUp.filter(replaced::isBefore).orElse(replaced);
        }
        return givenUp.map(at -> before.readyReplicas(revision) == 0 ? Instant.EPOCH : at)
                .orElse(replaced);
    }

    private void comesToRest() {
        specify(replicas, false);
        cluster.mend();
        cluster.podsUnreachable(false);
        cluster.checksFind(found(Verdict.Passed));
        for (int i = 0; i < 12; i++) {
            for (int j = 0; j < 6; j++) {
                cluster.podsGetReady();
                look(Happening.GoOn);
            }
            pass(30);
            // An order that was given in an earlier rollout of this revision counts anew once it was taken away.
            cluster.annotate("promote", null);
            look(Happening.GoOn);
            candidate().ifPresent(id -> cluster.annotate("promote", id + "/full"));
        }
        pass(3600);
        settle();
        var plan = planner().plan(cluster.observe(), Optional.empty(), RolloutPlanner.Signals.NONE);
        assertThat(plan.note()).isNull();
        assertThat(plan.scale()).isEmpty();
        assertThat(plan.delete()).isEmpty();
        assertThat(plan.rollout()).isInstanceOfAny(Plan.Rollout.Settled.class, Plan.Rollout.Held.class);
        assertThat(cluster.deployments()).hasSize(1);
        assertThat(cluster.routing)
                .isEqualTo(Routing.to(cluster.observe().selectedRevision().orElseThrow()));
    }

    private void settle() {
        for (int i = 0; i < 6; i++) {
            cluster.look(planner(), Optional.empty());
            cluster.podsGetReady();
        }
    }

    private static List<String> deleted(Plan plan) {
        return plan.delete().stream()
                .filter(Deployment.class::isInstance)
                .map(SimulatedCluster::revisionOf)
                .toList();
    }

    private RolloutPlanner planner() {
        return new RolloutPlanner(
                new PodRenderer(cluster.serialization), cluster.serialization, SimulatedCluster.SETTINGS);
    }

    @Property(tries = 200)
    void everyStrategyEndsWithAllTheTraffic(@ForAll Block any) {
        var stages = Stages.of(new SimulatedCluster(FORMAT.formatted(2, false, any.text))
                .observe()
                .service()
                .getSpec()
                .rollout());
        assertThat(stages.getLast().weight()).isEqualTo(Routing.ALL);
        assertThat(stages.stream().map(Stage::weight).toList()).isSorted();
        assertThat(stages.getLast().candidatePods(replicas)).isEqualTo(replicas);
    }
}
