package dev.tatara.operator.trainingjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Phase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.contracts.GateVerdict;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.testing.MortalClient;
import dev.tatara.operator.trainingjob.plan.Annotations;
import dev.tatara.operator.trainingjob.train.TrainerJob;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The reconciler against a real API server; {@code StepJobs} plays the Job controller and the kubelet. */
class TrainingJobReconcilerIT extends TrainingJobScene {
    private static final String ON_CREATE = "triggers: {onCreate: true}";

    @Test
    void aRunGoesThroughItsStepsAndRegistersWhatIsGood() {
        start(MortalClient.immortal(api));
        apply(
                ON_CREATE,
                "owner: team-growth",
                "hyperparameters: {depth: 6}",
                "register: {approval: {required: true}}",
                "tracking: {mlflow: {uri: 'http://mlflow:5000'}}");
        awaitRun(1, RunPhase.Registered);
        var run = run(1);
        assertThat(run.trigger()).isEqualTo("Creation");
        assertThat(run.metrics()).containsEntry("accuracy", 0.94);
        assertThat(run.modelVersion()).isEqualTo("churn-1");
        assertThat(run.message()).contains("churn-1");
        assertThat(status().lastSuccessfulRun()).isEqualTo(1);
        assertThat(status().activeRun()).isNull();
        assertThat(condition("Ready").holds()).isTrue();

        var version = versions().getFirst();
        assertThat(version.getMetadata().getOwnerReferences()).isEmpty();
        var spec = version.getSpec();
        assertThat(spec.version()).isEqualTo("1");
        assertThat(spec.stage()).isEqualTo(Stage.Staging);
        assertThat(spec.approval().required()).isTrue();
        assertThat(spec.source().sha256()).isEqualTo(StepResults.DIGEST);
        assertThat(spec.metrics()).containsEntry("f1", 0.9);
        assertThat(spec.baseline().uri()).endsWith("/evaluate/profile.json");
        assertThat(spec.card().owner()).isEqualTo("team-growth");
        assertThat(spec.signature().classes()).containsExactly("no", "yes");
        assertThat(spec.signature().inputs().getFirst().features()).hasSize(2);
        var lineage = spec.lineage();
        assertThat(lineage.trainingJob()).isEqualTo(JOB);
        assertThat(lineage.run()).isEqualTo(1);
        assertThat(lineage.hyperparameters().path("depth").asInt()).isEqualTo(6);
        assertThat(lineage.mlflowRun()).isEqualTo("mlflow-1");
        assertThat(lineage.datasets()).hasSize(4).anySatisfy(dataset -> assertThat(dataset.uri())
                .endsWith("features/shop/activity/snapshots/00000003.json"));

        await().atMost(LIMIT)
                .until(() -> run(1).tracking() != null && run(1).tracking().hasEnded());
        awaitQuiet();
        assertThat(started())
                .containsExactly(
                        "churn-1-validate-1",
                        "churn-1-join-1",
                        "churn-1-train-1",
                        "churn-1-evaluate-1",
                        "churn-1-track-1");
        assertThat(status().phase()).isEqualTo(Phase.Idle);
        awaitEvents(JOB, "RunStarted", "StepSucceeded", "Registered");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(metrics.get("tatara.training.runs")
                        .tag("outcome", "Registered")
                        .counter()
                        .count())
                .isEqualTo(1));
    }

    @Test
    void theSpecificationIsFrozenWhenARunStarts() {
        pause("train");
        start(MortalClient.immortal(api));
        apply(ON_CREATE, "hyperparameters: {depth: 6}");
        awaitStarted("churn-1-train-1");
        apply(ON_CREATE, "hyperparameters: {depth: 7}");
        resume("train");
        awaitRun(1, RunPhase.Registered);
        assertThat(versions()
                        .getFirst()
                        .getSpec()
                        .lineage()
                        .hyperparameters()
                        .path("depth")
                        .asInt())
                .isEqualTo(6);
    }

    @Test
    void whatFailsIsTriedAgainWithTheSameDataAndNotForEver() {
        endWith("join", StepResult.failed("join", "StoreUnavailable", "the store doesn't answer"));
        start(MortalClient.immortal(api));
        apply(ON_CREATE);
        await().atMost(LIMIT).until(() -> started().contains("churn-1-join-1"));
        awaitRun(1, RunPhase.Failed);
        assertThat(run(1).reason()).isEqualTo("StoreUnavailable");
        assertThat(run(1).message()).contains("the store doesn't answer").contains("tried 2 times");
        assertThat(started()).containsExactly("churn-1-validate-1", "churn-1-join-1", "churn-1-join-2");
        assertThat(condition("Stalled").message()).contains("kubectl annotate");
        assertThat(status().phase()).isEqualTo(Phase.Failed);
        awaitEvents(JOB, "StepFailed", "RunFailed");

        mend("join");
        annotate(Annotations.RUN, "again");
        awaitRun(2, RunPhase.Registered);
        assertThat(status().conditions())
                .extracting(condition -> condition.type())
                .doesNotContain("Stalled");
    }

    @Test
    void whatTrainedWellDoesNotTrainAgainWhereItsPodIsGone() {
        lose("train");
        start(MortalClient.immortal(api));
        apply(ON_CREATE);
        awaitRun(1, RunPhase.Registered);

        assertThat(started()).contains("churn-1-train-1", "churn-1-train-2").doesNotContain("churn-1-train-3");
        assertThat(jobs().stream()
                        .filter(job -> stepOf(job).equals("train"))
                        .filter(TrainerJob::recalls)
                        .map(job -> job.getMetadata().getName()))
                .containsExactly("churn-1-train-2");
        awaitEvents(JOB, "StepFailed", "Registered");
    }

    @Test
    void whatIsRejectedIsNotTriedAgain() {
        endWith("validate", StepResult.rejected("validate", "ChecksFailed", "NullRatio of age is 0.4", null));
        start(MortalClient.immortal(api));
        apply(ON_CREATE);
        awaitRun(1, RunPhase.DataRejected);
        assertThat(run(1).message()).isEqualTo("NullRatio of age is 0.4");

        mend("validate");
        endWith(
                "evaluate",
                StepResult.rejected(
                        "evaluate",
                        "GatesFailed",
                        "accuracy is 0.7, 0.15 below 0.85",
                        StepResults.evaluated("runs/x", List.of(gate()))));
        annotate(Annotations.RUN, "again");
        awaitRun(2, RunPhase.GatesFailed);
        assertThat(run(2).message()).contains("0.15 below");
        assertThat(run(2).metrics()).containsKey("accuracy");
        awaitQuiet();
        assertThat(versions()).isEmpty();
        assertThat(started()).hasSize(5);
        awaitEvents(JOB, "DataRejected", "GatesFailed");
    }

    @Test
    void aRunIsCancelledWithEverythingThatRuns() {
        pause("train");
        start(MortalClient.immortal(api));
        apply(ON_CREATE);
        awaitStarted("churn-1-train-1");
        annotate(Annotations.CANCEL, "1");
        awaitRun(1, RunPhase.Cancelled);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(jobs())
                .extracting(job -> job.getMetadata().getName())
                .containsExactlyInAnyOrder("churn-1-validate-1", "churn-1-join-1"));
        awaitQuiet();
        assertThat(status().phase()).isEqualTo(Phase.Idle);
        assertThat(status().handled().cancel()).isEqualTo("1");
    }

    @Test
    void aSuspendedRunStopsAndGoesOnWhereItWas() {
        pause("train");
        start(MortalClient.immortal(api));
        apply(ON_CREATE);
        awaitStarted("churn-1-train-1");
        apply(ON_CREATE, "suspend: true");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(jobs())
                .extracting(job -> job.getMetadata().getName())
                .doesNotContain("churn-1-train-1"));
        await().atMost(LIMIT).until(() -> status().phase() == Phase.Suspended);
        annotate(Annotations.RUN, "meanwhile");
        awaitQuiet();

        steps.resume(namespace, JOB + "/train");
        apply(ON_CREATE, "suspend: false");
        awaitRun(1, RunPhase.Registered);
        assertThat(started()).startsWith("churn-1-validate-1", "churn-1-join-1", "churn-1-train-1", "churn-1-train-1");
        awaitRun(2, RunPhase.Registered);
    }

    @Test
    void theBestTrialOfASweepIsRegistered() {
        start(MortalClient.immortal(api));
        apply(
                ON_CREATE,
                "hyperparameters: {epochs: 3}",
                "sweep: {algorithm: Random, trials: 5, parallel: 2, seed: 1, objective: {metric: loss, goal: Minimize},"
                        + " parameters: [{name: depth, integer: {min: 2, max: 9}}]}");
        awaitRun(1, RunPhase.Registered);
        var spec = versions().getFirst().getSpec();
        assertThat(spec.source().uri()).endsWith("/trials/5/model.onnx");
        assertThat(spec.lineage().hyperparameters().path("depth").asInt()).isBetween(2, 9);
        assertThat(spec.lineage().hyperparameters().path("epochs").asInt()).isEqualTo(3);
        assertThat(status().sweep().completed()).isEqualTo(5);
        assertThat(status().sweep().best().trial()).isEqualTo(5);
        assertThat(started()).hasSize(8).doesNotHaveDuplicates();
        awaitQuiet();
        assertThat(jobs()).extracting(TrainingJobScene::stepOf).doesNotContain("trial");
    }

    @Test
    void theHistoryIsBoundedAndNothingIsLeftOfWhatIsForgotten() {
        start(MortalClient.immortal(api));
        apply("runHistoryLimit: 1");
        for (int run = 1; run <= 3; run++) {
            annotate(Annotations.RUN, "run-" + run);
            awaitRun(run, RunPhase.Registered);
        }
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(status().runs()).hasSize(1);
            assertThat(maps()).hasSize(1);
            assertThat(jobs()).hasSize(4);
        });
        assertThat(versions()).hasSize(3);
        assertThat(status().latestRun()).isEqualTo(3);
    }

    @Test
    void anMlflowThatIsAwayHoldsNothingUp() {
        endWith("track", StepResult.failed("track", "MlflowUnavailable", "no answer from http://mlflow:5000"));
        start(MortalClient.immortal(api));
        apply(ON_CREATE, "tracking: {mlflow: {uri: 'http://mlflow:5000'}}");
        awaitRun(1, RunPhase.Registered);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(condition("Tracked").message()).contains("no answer from"));
        annotate(Annotations.RUN, "meanwhile");
        awaitRun(2, RunPhase.Registered);
        assertThat(condition("Ready").holds()).isTrue();
        mend("track");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(condition("Tracked").holds()).isTrue());
        awaitEvents(JOB, "TrackingBehind");
    }

    private static GateVerdict gate() {
        return new GateVerdict("accuracy >= 0.85", "accuracy", null, 0.7, 0.85, null, false, 0.15, null);
    }
}
