package dev.tatara.operator.trainingjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Phase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.contracts.GateVerdict;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.testing.MortalClient;
import dev.tatara.operator.trainingjob.plan.Annotations;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
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
    void versionsAreNumberedAboveTheHighestAndEachRequestStartsOneRun() {
        api.client().resource(version("churn-7", "7")).create();
        api.client().resource(version("churn-8", "v2-beta")).create();
        start(MortalClient.immortal(api));
        apply();
        await().atMost(LIMIT).until(() -> status().phase() == Phase.Idle);
        assertThat(condition("Ready").message()).contains("kubectl annotate tj churn");
        awaitQuiet();
        assertThat(started()).isEmpty();

        annotate(Annotations.RUN, "a");
        awaitRun(1, RunPhase.Registered);
        assertThat(run(1).modelVersion()).isEqualTo("churn-9");
        assertThat(status().handled().run()).isEqualTo("a");
        awaitQuiet();
        assertThat(status().latestRun()).isEqualTo(1);

        annotate(Annotations.RUN, "b");
        awaitRun(2, RunPhase.Registered);
        assertThat(run(2).modelVersion()).isEqualTo("churn-10");
        awaitQuiet();
        assertThat(status().latestRun()).isEqualTo(2);
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
    void anotherRunWaitsOrTakesThePlaceOfTheActiveOne() {
        pause("train");
        start(MortalClient.immortal(api));
        apply(ON_CREATE);
        awaitStarted("churn-1-train-1");
        annotate(Annotations.RUN, "now");
        awaitQuiet();
        assertThat(status().latestRun()).isEqualTo(1);

        apply(ON_CREATE, "concurrencyPolicy: Replace");
        awaitRun(1, RunPhase.Cancelled);
        assertThat(run(1).reason()).isEqualTo("Replaced");
        awaitStarted("churn-2-train-1");
        resume("train");
        awaitRun(2, RunPhase.Registered);
    }

    @Test
    void theScheduleStartsRuns() {
        start(MortalClient.immortal(api));
        apply("triggers: {schedule: {cron: '* * * * *'}}");
        await().atMost(LIMIT).until(() -> status().nextScheduleTime() != null);
        await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> awaitRun(1, RunPhase.Registered));
        assertThat(run(1).trigger()).isEqualTo("Schedule");
    }

    @Test
    void aPolicysTriggerStartsOneRun() {
        start(MortalClient.immortal(api));
        apply("triggers: {policies: [churn]}");
        awaitQuiet();
        var policy = Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: DriftPolicy
                metadata: {name: churn, namespace: %s}
                spec:
                  target: {inferenceService: churn}
                  actions:
                    - {name: retrain, when: [DataDrift], then: Retrain}
                    - {name: tell, when: [Alert], then: Notify}
                """.formatted(namespace), DriftPolicy.class);
        api.client().resource(policy).create();
        trigger("tell", "t-0", "Pending");
        awaitQuiet();
        assertThat(started()).isEmpty();

        trigger("retrain", "t-1", "AwaitingApproval");
        awaitQuiet();
        assertThat(started()).isEmpty();
        trigger("retrain", "t-1", "Pending");
        awaitRun(1, RunPhase.Registered);
        assertThat(run(1).trigger()).isEqualTo("DriftPolicy/churn");
        assertThat(status().handled().triggers()).containsEntry("churn/retrain", "t-1");
        awaitQuiet();
        assertThat(status().latestRun()).isEqualTo(1);
        trigger("retrain", "t-2", "Pending");
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
    void aRunWaitsForItsFeaturesAndBeginsWhenTheyAreThere() {
        start(MortalClient.immortal(api));
        applyOn(
                "{entities: {uri: 's3://raw/labels.parquet', labelColumn: churned}, featureViews: [{name: activity}]}",
                ON_CREATE);
        awaitRun(1, RunPhase.Pending);
        assertThat(status().phase()).isEqualTo(Phase.Pending);
        assertThat(condition("Progressing").message()).contains("there is no FeatureView activity");
        awaitEvents(JOB, "RunAwaits");

        view(false);
        await().atMost(LIMIT)
                .untilAsserted(() ->
                        assertThat(condition("Progressing").message()).contains("not ready: FeatureView activity"));
        assertThat(started()).isEmpty();
        view(true);
        awaitRun(1, RunPhase.Registered);
        assertThat(maps().getFirst().getData()).containsKeys("trainingjob.yaml", "view-activity.yaml");
        assertThat(arguments("churn-1-join-1")).contains("/tatara/definition/view-activity.yaml");
        assertThat(arguments("churn-1-evaluate-1")).containsSequence("--not-features", "user_id");
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

    @Test
    void whatCannotBeHonouredIsSaidAndStartsNothing() {
        start(MortalClient.immortal(api));
        apply("triggers: {onCreate: true, schedule: {cron: '61 * * * *'}}");
        await().atMost(LIMIT).until(() -> status().phase() == Phase.Failed);
        assertThat(condition("Accepted").message()).startsWith("spec.triggers.schedule.cron: '61 * * * *'");
        awaitEvents(JOB, "NotAccepted");
        awaitQuiet();
        assertThat(started()).isEmpty();
        apply(ON_CREATE);
        awaitRun(1, RunPhase.Registered);
    }

    private static GateVerdict gate() {
        return new GateVerdict("accuracy >= 0.85", "accuracy", null, 0.7, 0.85, null, false, 0.15, null);
    }

    private ModelVersion version(String name, String version) {
        return Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: ModelVersion
                metadata: {name: %s, namespace: %s}
                spec: {model: churn, version: "%s", source: {uri: "s3://models/churn.onnx"}}
                """.formatted(name, namespace, version), ModelVersion.class);
    }

    private void trigger(String action, String id, String state) {
        status(DriftPolicy.class, "churn", """
                status: {triggers: [{action: %s, id: %s, state: %s, reason: drift}]}
                """.formatted(action, id, state));
    }

    private void view(boolean isReady) {
        var view = Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: FeatureView
                metadata: {name: activity, namespace: %s}
                spec:
                  entities: [{name: user_id, type: INT64}]
                  features: [{name: logins, type: INT64}]
                  source: {uri: "s3://raw/activity/*.parquet", timestampColumn: at}
                """.formatted(namespace), FeatureView.class);
        api.client().resource(view).forceConflicts().serverSideApply();
        status(FeatureView.class, "activity", """
                status:
                  snapshot: {uri: "s3://tatara/features/snapshot.json", rows: 10, number: 1}
                  conditions:
                    - {type: Ready, status: "%s", reason: Materialized, message: "", lastTransitionTime: "2026-01-02T03:04:05Z"}
                """.formatted(isReady ? "True" : "False"));
    }

    private <T extends CustomResource<?, ?>> void status(Class<T> kind, String name, String yaml) {
        api.client()
                .resources(kind)
                .inNamespace(namespace)
                .withName(name)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        Serialization.asJson(Serialization.unmarshal(yaml, JsonNode.class)));
    }

    private List<String> arguments(String name) {
        return jobs().stream()
                .filter(job -> job.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getArgs();
    }
}
