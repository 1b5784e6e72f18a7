package dev.tatara.operator.driftpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger.State;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.testing.MortalClient;
import dev.tatara.operator.testing.TestSettings;
import dev.tatara.operator.trainingjob.TrainingJobReconciler;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The reconcilers of policies and of trainings together: what the one asks for the other does, and both agree that it did. */
class ClosedLoopIT extends DriftPolicyScene {
    private MortalClient trainer;
    private Operator training;

    @AfterEach
    void stopTraining() {
        training.stop();
        trainer.close();
    }

    @Test
    void aPolicyThatAsksIsAnsweredByARunAndCountsItOnce() {
        serve(1);
        train("{}");
        judge(Judgement.Breached);
        startTraining();
        start(MortalClient.immortal(api));
        apply(
                "window: {every: 5s}",
                "data: {share: 0.3}",
                "consecutiveBreaches: 2",
                "cooldown: 1h",
                "actions: [{name: retrain, when: [DataDrift], then: Retrain, approval: Automatic}]");

        awaitTrigger("retrain", State.Handled);
        var trigger = trigger("retrain").orElseThrow();
        assertThat(trigger.runs()).containsExactly("churn/1");
        var job =
                api.client().resources(TrainingJob.class).inNamespace(namespace).withName("churn");
        assertThat(job.get().getStatus().handled().triggers()).containsEntry("churn/retrain", trigger.id());
        assertThat(job.get().getStatus().runs()).singleElement().satisfies(run -> assertThat(run.trigger())
                .isEqualTo("DriftPolicy/churn"));

        var number = status().lastEvaluation().number();
        await().atMost(LIMIT).until(() -> status().lastEvaluation().number() >= number + 2);
        assertThat(trigger("retrain").orElseThrow().id())
                .as("breached on, and asked for once")
                .isEqualTo(trigger.id());
        assertThat(job.get().getStatus().latestRun()).isEqualTo(1);
    }

    private void startTraining() {
        trainer = MortalClient.immortal(api);
        var kubernetes = trainer.client();
        training = new Operator(
                overrider -> overrider.withKubernetesClient(kubernetes).withCloseClientOnStop(false));
        training.register(
                new TrainingJobReconciler(
                        kubernetes,
                        new Applier(kubernetes),
                        new StatusWriter(kubernetes),
                        new EventRecorder(kubernetes, Clock.systemUTC(), "test"),
                        new SimpleMeterRegistry(),
                        TestSettings.with(Map.of()),
                        Clock.systemUTC()),
                configuration -> configuration.withGenerationAware(false).settingNamespace(namespace));
        training.start();
    }
}
