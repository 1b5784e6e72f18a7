package dev.tatara.operator.trainingjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Phase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.operator.testing.MortalClient;
import dev.tatara.operator.trainingjob.plan.Annotations;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What starts runs and what holds them up, against a real API server. */
class TrainingJobTriggersIT extends TrainingJobScene {
    private static final String ON_CREATE = "triggers: {onCreate: true}";

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
    void aRunWaitsForAServiceThatRecordsWhatItIsToLearn() {
        start(MortalClient.immortal(api));
        view(true);
        applyOn("{entities: {feedback: churn, labelColumn: churned}, featureViews: [{name: activity}]}", ON_CREATE);
        awaitRun(1, RunPhase.Pending);
        assertThat(condition("Progressing").message()).contains("there is no InferenceService churn");

        service("features: {featureViews: [{name: activity}]}");
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(condition("Progressing").message()).contains("set spec.monitoring.ledger"));
        assertThat(started()).isEmpty();
        service("features: {featureViews: [{name: activity}]}", "monitoring: {ledger: true}");
        awaitRun(1, RunPhase.Registered);
        assertThat(maps().getFirst().getData().get("trainingjob.yaml")).contains("feedback: \"churn\"");
        assertThat(arguments("churn-1-validate-1"))
                .containsSequence("--end", run(1).startedAt().toString());
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
        applied(FeatureView.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: FeatureView
                metadata: {name: activity, namespace: %s}
                spec:
                  entities: [{name: user_id, type: INT64}]
                  features: [{name: logins, type: INT64}]
                  source: {uri: "s3://raw/activity/*.parquet", timestampColumn: at}
                """.formatted(namespace));
        status(FeatureView.class, "activity", """
                status:
                  snapshot: {uri: "s3://tatara/features/snapshot.json", rows: 10, number: 1}
                  conditions:
                    - {type: Ready, status: "%s", reason: Materialized, message: "", lastTransitionTime: "2026-01-02T03:04:05Z"}
                """.formatted(isReady ? "True" : "False"));
    }

    private void service(String... more) {
        var service =
                Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: churn, namespace: %s}
                spec:
                  model: {follow: {model: churn, stage: Production}}
                  %s
                """.formatted(namespace, String.join("\n  ", more)), InferenceService.class);
        api.client().resource(service).forceConflicts().serverSideApply();
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
        return argumentsOf(jobs().stream()
                .filter(job -> job.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow());
    }
}
