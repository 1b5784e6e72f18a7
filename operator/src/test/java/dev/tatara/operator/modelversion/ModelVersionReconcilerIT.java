package dev.tatara.operator.modelversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Phase;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.operator.modelversion.plan.Annotations;
import dev.tatara.operator.modelversion.plan.Decision;
import dev.tatara.operator.testing.MortalClient;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The reconciler against a real API server; {@link Inspections} plays the Job controller and the kubelet. */
class ModelVersionReconcilerIT extends ModelVersionScene {
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
}
