package dev.tatara.operator.driftpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds of a policy whatever happens in whatever order. */
class DriftPolicyPropertiesTest {
    /** Something that happens to a policy. */
    enum Happening {
        EvaluationsGetGood,
        EvaluationsGetBad,
        EvaluationsGetPoor,
        EvaluationsFail,
        AnEvaluationEnds,
        AMinutePasses,
        AnHourPasses,
        ADayPasses,
        AlertFires,
        AlertIsResolved,
        RowsCome,
        SomebodyApproves,
        TrainingAnswers,
        RunRegisters,
        RunFails,
        NewVersionServes,
        ServiceAnswers,
        Suspend,
        GoOn,
        OperatorIsKilledBeforeItWrites,
        JobsAreDeleted
    }

    private final SimulatedPolicy world = new SimulatedPolicy("""
            window: {every: 1h}
            data: {share: 0.3}
            service: {errorRate: 0.01}
            alerts: {matchLabels: {alertname: HighModelDrift}}
            newRows: {featureView: user-activity, atLeast: 1000}
            consecutiveBreaches: 2
            cooldown: 6h
            actions:
            - {name: retrain, when: [DataDrift, Alert], then: Retrain, approval: Automatic}
            - {name: careful, when: [DataDrift], then: Retrain, consecutiveBreaches: 3, cooldown: 12h}
            - {name: fresh-data, when: [NewRows], then: Retrain}
            - {name: roll-back, when: [ServiceLevel], then: Rollback, consecutiveBreaches: 1, within: 3d}
            - {name: tell, when: [DataDrift, ServiceLevel, Alert], then: Notify, cooldown: 1h}
            notify: [{name: team, type: Slack, urlSecretRef: {name: slack}}]
            """);
    private final Map<String, Trigger> before = new HashMap<>();

    @Property(tries = 40)
    void nothingIsAskedForTwice(@ForAll("histories") List<Happening> history) {
        for (var happening : history) {
            happen(happening);
            world.look(happening != Happening.OperatorIsKilledBeforeItWrites);
            check();
        }
        comesToRest();
    }

    @Provide
    Arbitrary<List<Happening>> histories() {
        return Arbitraries.of(Happening.class).list().ofMinSize(1).ofMaxSize(60);
    }

    private void happen(Happening happening) {
        switch (happening) {
            case EvaluationsGetGood -> world.judge(Judgement.Good);
            case EvaluationsGetBad -> world.judge(Judgement.Breached);
            case EvaluationsGetPoor -> world.judge(Judgement.InsufficientData);
            case EvaluationsFail -> world.failEvaluations();
            case AnEvaluationEnds -> world.endJobs();
            case AMinutePasses -> world.pass(Duration.ofMinutes(1));
            case AnHourPasses -> world.pass(Duration.ofHours(1));
            case ADayPasses -> world.pass(Duration.ofDays(1));
            case AlertFires -> world.alert(true);
            case AlertIsResolved -> world.alert(false);
            case RowsCome -> world.rows(700);
            case SomebodyApproves -> world.approveAll();
            case TrainingAnswers -> world.train();
            case RunRegisters -> world.endRun(RunPhase.Registered);
            case RunFails -> world.endRun(RunPhase.GatesFailed);
            case NewVersionServes -> world.promote();
            case ServiceAnswers -> world.rollBack();
            case Suspend -> world.suspend(true);
            case GoOn -> world.suspend(false);
            case OperatorIsKilledBeforeItWrites -> {}
            case JobsAreDeleted -> world.deleteJobs();
        }
    }

    private void check() {
        var status = world.status();
        assertThat(status.triggers().stream().map(Trigger::action))
                .as("one trigger of an action")
                .doesNotHaveDuplicates();
        status.causes().forEach(cause -> {
            assertThat(cause.breached()).isNotNegative();
            assertThat(cause.passed()).isNotNegative();
        });
        status.actions().forEach(action -> {
            assertThat(action.taken()).isNotNegative();
            assertThat(action.ineffective() == null || action.ineffective() > 0).isTrue();
        });
        for (var trigger : status.triggers()) {
            var known = before.put(trigger.action(), trigger);
            if (known != null && !Objects.equals(known.id(), trigger.id())) {
                assertThat(known.hasEnded())
                        .as("%s is replaced while somebody is to act on it: %s", known, trigger)
                        .isTrue();
                assertThat(world.isSuspended()).as("asked for while suspended").isFalse();
                if (known.state() == Trigger.State.Handled) {
                    assertThat(trigger.at())
                            .as("%s comes within the cooldown of %s", trigger, known)
                            .isAfterOrEqualTo(known.handledAt().plus(world.shortestCooldown(trigger.action())));
                }
            }
        }
        assertThat(world.runningEvaluations()).as("evaluations at one time").isLessThanOrEqualTo(1);
        assertThat(world.evaluationJobs())
                .as("Jobs of evaluations that are kept")
                .isLessThanOrEqualTo(3);
        assertThat(world.started()).as("nothing is done twice").doesNotHaveDuplicates();
    }

    private void comesToRest() {
        for (int look = 0; look < 8; look++) {
            world.endJobs();
            world.look(true);
            check();
        }
        var written = world.written();
        for (int look = 0; look < 3; look++) {
            world.look(true);
        }
        assertThat(world.written()).as("writes at rest").isEqualTo(written);
    }
}
