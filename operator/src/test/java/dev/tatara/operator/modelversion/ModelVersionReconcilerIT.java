package dev.tatara.operator.modelversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Phase;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.EventRecorder;
import dev.tatara.operator.kubernetes.StatusWriter;
import dev.tatara.operator.modelversion.plan.Annotations;
import dev.tatara.operator.modelversion.plan.Decision;
import dev.tatara.operator.modelversion.plan.InspectionJob;
import dev.tatara.operator.testing.MortalClient;
import dev.tatara.operator.testing.TestSettings;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reconciler against a real API server; {@link Inspections} plays the Job controller and the kubelet. */
class ModelVersionReconcilerIT {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final AtomicInteger NAMESPACES = new AtomicInteger();

    private static KubeApi api;
    private static Inspections inspections;

    private String namespace;
    private MortalClient client;
    private Operator operator;

    @BeforeAll
    static void startApiServer() {
        api = KubeApi.start();
        api.installCrds(Path.of("../crds/manifests"));
        inspections = new Inspections(api);
    }

    @AfterAll
    static void stopApiServer() {
        inspections.close();
        api.close();
    }

    @BeforeEach
    void makeNamespace() {
        namespace = "mv-" + NAMESPACES.incrementAndGet();
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        // Pods of inspections must get by in the strictest of namespaces.
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterEach
    void stopOperator() {
        if (operator != null) {
            kill();
        }
    }

    @Test
    void aGoodFileIsVerifiedAndTheVersionIsReady() {
        start(MortalClient.immortal(api));
        apply(1, "stage: Production, gates: [{metric: latencyP99Millis, max: 10}]");

        awaitPhase(1, Phase.Ready);

        var status = status(1);
        assertThat(status.digest()).isEqualTo("sha256:" + Inspections.digestOf("churn-1"));
        assertThat(status.uri()).isEqualTo("s3://tatara/models/sha256/" + Inspections.digestOf("churn-1"));
        assertThat(status.stage()).isEqualTo(Stage.Production);
        assertThat(status.opset()).isEqualTo(17);
        assertThat(status.signature().inputs().getFirst().name()).isEqualTo("features");
        assertThat(status.conditions())
                .filteredOn(Condition::holds)
                .extracting(Condition::type)
                .containsExactly("Verified", "GatesPassed", "Approved", "Ready");
        assertThat(api.client().pods().inNamespace(namespace).list().getItems()).hasSize(1);
        awaitEvents(1, "VerificationStarted", "Verified", "StageChanged");
    }

    @Test
    void aSourceThatIsMissingIsLookedForAgainUntilItIsThere() {
        fail(1, "SourceNotFound", "s3://models/churn/1.onnx does not exist; upload it");
        start(MortalClient.immortal(api));
        apply(1, "");
        awaitPhase(1, Phase.Failed);
        assertThat(condition(1, "Ready").message()).startsWith("s3://models/churn/1.onnx does not exist; upload it");
        assertThat(status(1).conditions()).extracting(Condition::type).doesNotContain("Stalled");
        await().atMost(LIMIT).until(() -> status(1).verification().attempt() >= 2);

        inspections.mend(namespace, "churn-1");

        awaitPhase(1, Phase.Ready);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(jobs()).hasSize(1));
        assertThat(inspections.startedIn(namespace)).doesNotHaveDuplicates();
        awaitEvents(1, "VerificationFailed", "Verified");
    }

    @Test
    void aRejectedFileThatIsMendedIsTakenAndOtherBytesThanPromisedNeverAre() {
        reject(1, "NotOnnx", "expected an ONNX model, found text");
        reject(2, "DigestMismatch", "expected sha256 aa, found bb");
        start(MortalClient.immortal(api));
        apply(1, "");
        apply(2, "");
        awaitPhase(1, Phase.Rejected);
        awaitPhase(2, Phase.Rejected);
        assertThat(condition(1, "Stalled").reason()).isEqualTo("NotOnnx");
        assertThat(condition(2, "Ready").message()).contains("create a new ModelVersion");

        inspections.mend(namespace, "churn-1");
        inspections.mend(namespace, "churn-2");

        awaitPhase(1, Phase.Ready);
        awaitQuiet();
        assertThat(status(2).phase()).isEqualTo(Phase.Rejected);
        assertThat(inspections.startedIn(namespace)).containsOnlyOnce("churn-2-inspect-1");

        annotate(2, Annotations.RETRY, "the bytes are back");

        awaitPhase(2, Phase.Ready);
        assertThat(status(2).handled().retry()).isEqualTo("the bytes are back");
        assertThat(inspections.startedIn(namespace)).contains("churn-2-inspect-2");
    }

    @Test
    void productionGoesToTheHighestClaimantAndBackWhenItIsWithdrawn() {
        start(MortalClient.immortal(api));
        apply(9, "stage: Production");
        awaitStages(Map.of(9, Stage.Production));

        apply(10, "stage: Production");
        awaitStages(Map.of(9, Stage.Archived, 10, Stage.Production));

        apply(10, "stage: Staging");
        awaitStages(Map.of(9, Stage.Production, 10, Stage.Staging));

        apply(10, "stage: Production, metrics: {accuracy: 0.8}, gates: [{metric: accuracy, min: 0.85}]");
        awaitPhase(10, Phase.Rejected);
        awaitStages(Map.of(9, Stage.Production, 10, Stage.None));

        apply(10, "stage: Production");
        awaitStages(Map.of(9, Stage.Archived, 10, Stage.Production));
        version(10).delete();
        awaitStages(Map.of(9, Stage.Production));
        assertThat(status(9).stageHistory())
                .extracting(ModelVersionStatus.StageChange::stage)
                .containsExactly(Stage.Production, Stage.Archived, Stage.Production, Stage.Archived, Stage.Production);
    }

    @Test
    void theHolderStaysUntilTheNewestIsVerifiedAndApproved() {
        fail(2, "StoreUnavailable", "the store does not answer");
        start(MortalClient.immortal(api));
        apply(1, "stage: Production");
        awaitStages(Map.of(1, Stage.Production));
        apply(2, "stage: Production, approval: {required: true}");
        awaitPhase(2, Phase.Failed);
        assertThat(status(1).stage()).isEqualTo(Stage.Production);

        inspections.mend(namespace, "churn-2");
        awaitPhase(2, Phase.Pending);
        assertThat(condition(2, "Ready").reason()).isEqualTo("AwaitingApproval");
        assertThat(status(1).stage()).isEqualTo(Stage.Production);

        apply(2, "stage: Production, approval: {required: true, approvedBy: alice}");
        awaitStages(Map.of(1, Stage.Archived, 2, Stage.Production));
        awaitEvents(2, "AwaitingApproval", "Approved", "StageChanged");
    }

    @Test
    void aQuarantinedVersionLosesItsStageUntilItIsReleased() {
        start(MortalClient.immortal(api));
        apply(1, "stage: Production");
        apply(2, "stage: Production");
        awaitStages(Map.of(1, Stage.Archived, 2, Stage.Production));

        annotate(2, Annotations.QUARANTINE, "leaks personal data");
        awaitPhase(2, Phase.Quarantined);
        awaitStages(Map.of(1, Stage.Production, 2, Stage.None));

        annotate(2, Annotations.RELEASE, status(2).quarantine().id() + ": the column is gone");
        awaitStages(Map.of(1, Stage.Archived, 2, Stage.Production));
        assertThat(status(2).quarantine().releaseReason()).isEqualTo("the column is gone");

        // A rollback bans the digest, whichever version has it.
        var service = applyService("churn", "{follow: {model: churn, stage: Production}}");
        service.setStatus(Serialization.unmarshal(
                """
                rejected:
                  - {revision: 55ab000000, modelVersion: churn-2, digest: "%s", quarantine: true, at: "%s", reason: errors}
                """.formatted(status(2).digest(), Clock.systemUTC().instant().plusSeconds(2)),
                InferenceServiceStatus.class));
        api.client().resource(service).updateStatus();
        awaitPhase(2, Phase.Quarantined);
        awaitStages(Map.of(1, Stage.Production, 2, Stage.None));
        assertThat(status(2).quarantine().by()).contains("InferenceService churn");
        awaitEvents(2, "Quarantined", "Released");
    }

    @Test
    void aVersionInUseGoesWhenNobodyUsesItAnyMore() {
        start(MortalClient.immortal(api));
        apply(1, "stage: Production");
        awaitPhase(1, Phase.Ready);
        applyService("web", "{versionRef: {name: churn-1}}");
        await().atMost(LIMIT).until(() -> finalizers(1).contains(Decision.IN_USE));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(status(1).usedBy()).containsExactly("web"));

        // GitOps applies the same manifest again and again.
        apply(1, "stage: Production");
        awaitQuiet();
        assertThat(finalizers(1)).containsExactly(Decision.IN_USE);

        version(1).delete();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(condition(1, "DeletionHeldBack").message())
                        .contains("used by InferenceService web"));
        awaitEvents(1, "DeletionHeldBack");

        api.client()
                .resources(InferenceService.class)
                .inNamespace(namespace)
                .withName("web")
                .delete();
        await().atMost(LIMIT).until(() -> version(1).get() == null);
    }

    @Test
    void aVersionThatIsNoLongerUsedIsFree() {
        start(MortalClient.immortal(api));
        apply(1, "");
        apply(2, "");
        applyService("web", "{versionRef: {name: churn-1}}");
        await().atMost(LIMIT).until(() -> finalizers(1).contains(Decision.IN_USE));

        applyService("web", "{versionRef: {name: churn-2}}");

        await().atMost(LIMIT)
                .until(() -> finalizers(1).isEmpty() && !finalizers(2).isEmpty());
        await().atMost(LIMIT).until(() -> status(1).usedBy().isEmpty());
    }

    @Test
    void somebodyElsesJobIsLeftAlone() {
        var theirs = Serialization.unmarshal("""
                apiVersion: batch/v1
                kind: Job
                metadata: {name: churn-1-inspect-1, namespace: %s}
                spec: {template: {spec: {restartPolicy: Never, containers: [{name: theirs, image: theirs}]}}}
                """.formatted(namespace), Job.class);
        api.client().resource(theirs).create();
        start(MortalClient.immortal(api));
        apply(1, "");

        await().atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(condition(1, "Verified").reason()).isEqualTo("JobNameTaken"));
        awaitQuiet();
        assertThat(api.client().resource(theirs).get().getMetadata().getOwnerReferences())
                .isEmpty();
    }

    @Test
    void nothingIsWrittenAtRestNorByANewOperator() {
        start(MortalClient.immortal(api));
        reject(3, "DigestMismatch", "expected sha256 aa, found bb");
        apply(1, "stage: Production, metrics: {accuracy: 0.9}, gates: [{metric: accuracy, min: 0.5}]");
        apply(2, "stage: Production, approval: {required: true}");
        apply(3, "stage: Production");
        applyService("web", "{versionRef: {name: churn-1}}");
        awaitStages(Map.of(1, Stage.Production, 2, Stage.None, 3, Stage.None));
        awaitPhase(3, Phase.Rejected);
        awaitQuiet();
        var before = client.written();
        List.of(1, 2, 3).forEach(number -> annotate(number, "somebody", "else"));
        awaitQuiet();
        assertThat(client.written()).isEqualTo(before);

        kill();
        jobs().forEach(job -> api.client().resource(job).delete());
        start(MortalClient.immortal(api));
        awaitQuiet();

        assertThat(client.written()).isEmpty();
        assertThat(jobs()).isEmpty();
    }

    @Test
    void anOperatorKilledAfterAnyWriteLeadsToTheSameObjects() {
        start(MortalClient.immortal(api));
        ask();
        awaitEnd();
        awaitQuiet();
        var writes = client.written().size();
        var undisturbed = normalized();

        for (int lifetime = 0; lifetime < writes; lifetime++) {
            kill();
            makeNamespace();
            ask();
            var mortal = MortalClient.dyingAfter(api, lifetime);
            start(mortal);
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(20)).until(() -> mortal.isDead() || hasEnded());
            kill();
            start(MortalClient.immortal(api));
            awaitEnd();
            await("killed after %d of %d writes".formatted(lifetime, writes))
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(normalized()).isEqualTo(undisturbed));
            assertThat(inspections.startedIn(namespace)).doesNotHaveDuplicates();
        }
    }

    /** A version that is used, one that takes its stage, and one that is at fault. */
    private void ask() {
        reject(3, "DigestMismatch", "expected sha256 aa, found bb");
        apply(1, "stage: Production");
        apply(2, "stage: Production");
        apply(3, "stage: Production");
        applyService("web", "{versionRef: {name: churn-1}}");
    }

    private boolean hasEnded() {
        return List.of(1, 2, 3).stream()
                        .allMatch(number -> version(number).get().getStatus() != null)
                && status(1).stage() == Stage.Archived
                && status(2).stage() == Stage.Production
                && status(3).phase() == Phase.Rejected
                && finalizers(1).contains(Decision.IN_USE)
                && status(1).usedBy().equals(List.of("web"));
    }

    private void awaitEnd() {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(this::hasEnded);
    }

    /** What the operator left, without what differs from one run to the next: times, uids, the namespace. */
    private Map<String, Object> normalized() {
        var objects = new TreeMap<String, Object>();
        for (var job : jobs()) {
            objects.put(job.getMetadata().getName(), job.getMetadata().getLabels());
        }
        for (int number = 1; number <= 3; number++) {
            var status = (ObjectNode) JSON.convertValue(status(number), JsonNode.class);
            status.remove("stageHistory");
            ((ObjectNode) status.get("verification")).remove(List.of("startedAt", "finishedAt"));
            status.get("conditions").forEach(condition -> ((ObjectNode) condition).remove("lastTransitionTime"));
            objects.put("churn-" + number, status.toString().replace(namespace, "NAMESPACE"));
            objects.put("finalizers of churn-" + number, finalizers(number));
        }
        return objects;
    }

    private void start(MortalClient mortal) {
        client = mortal;
        var kubernetes = mortal.client();
        operator = new Operator(
                overrider -> overrider.withKubernetesClient(kubernetes).withCloseClientOnStop(false));
        operator.register(
                new ModelVersionReconciler(
                        kubernetes,
                        new Applier(kubernetes),
                        new StatusWriter(kubernetes),
                        new EventRecorder(kubernetes, Clock.systemUTC(), "test"),
                        TestSettings.with(Map.of(
                                "verification.retry-initial", "1s",
                                "verification.retry-max", "1s",
                                "verification.rejected-retry-initial", "1s",
                                "verification.rejected-retry-max", "1s")),
                        Clock.systemUTC()),
                configuration -> configuration.withGenerationAware(false).settingNamespace(namespace));
        operator.start();
    }

    private void kill() {
        operator.stop();
        operator = null;
        client.close();
    }

    private void apply(int number, String specification) {
        var version = Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: ModelVersion
                metadata: {name: churn-%1$d, namespace: %2$s}
                spec: {model: churn, version: "%1$d", source: {uri: "s3://models/churn/%1$d.onnx"}, %3$s}
                """.formatted(number, namespace, specification), ModelVersion.class);
        api.client().resource(version).forceConflicts().serverSideApply();
    }

    private InferenceService applyService(String name, String model) {
        var service = Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: %s, namespace: %s}
                spec: {model: %s}
                """.formatted(name, namespace, model), InferenceService.class);
        return api.client().resource(service).forceConflicts().serverSideApply();
    }

    private void annotate(int number, String annotation, String value) {
        version(number).edit(version -> {
            version.getMetadata().getAnnotations().put(annotation, value);
            return version;
        });
    }

    private void fail(int number, String reason, String message) {
        inspections.endWith(namespace, "churn-" + number, StepResult.failed("inspect-model", reason, message));
    }

    private void reject(int number, String reason, String message) {
        inspections.endWith(namespace, "churn-" + number, StepResult.rejected("inspect-model", reason, message, null));
    }

    private Resource<ModelVersion> version(int number) {
        return api.client().resources(ModelVersion.class).inNamespace(namespace).withName("churn-" + number);
    }

    private ModelVersionStatus status(int number) {
        var status = version(number).get().getStatus();
        return status == null ? ModelVersionStatus.EMPTY : status;
    }

    private List<String> finalizers(int number) {
        return version(number).get().getMetadata().getFinalizers();
    }

    private Condition condition(int number, String type) {
        return status(number).conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no condition " + type + " in " + status(number)));
    }

    private List<Job> jobs() {
        return api.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withLabelSelector(InspectionJob.SELECTOR)
                .list()
                .getItems();
    }

    private void awaitPhase(int number, Phase phase) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(status(number).phase())
                .as("phase of churn-%d in %s", number, status(number))
                .isEqualTo(phase));
    }

    private void awaitStages(Map<Integer, Stage> stages) {
        await().atMost(LIMIT)
                .untilAsserted(() -> stages.forEach(
                        (number, stage) -> assertThat(status(number).stage())
                                .as("stage of churn-%d in %s", number, status(number))
                                .isEqualTo(stage)));
    }

    private void awaitEvents(int number, String... reasons) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(
                        api.client().events().v1().events().inNamespace(namespace).list().getItems().stream()
                                .filter(event -> event.getRegarding().getName().equals("churn-" + number))
                                .map(event -> event.getReason()))
                .contains(reasons));
    }

    /** Waits until the operator has written nothing for a while: longer than any timer of these tests. */
    private void awaitQuiet() {
        await().atMost(LIMIT).until(() -> client.idleFor().compareTo(Duration.ofMillis(2500)) > 0);
    }
}
