package dev.tatara.operator.trainingjob.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.operator.steps.StepState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pods with the statuses that kubelets and controllers give them. */
class TrainerReaderTest {
    private static final String NO_STATUS = "{}";
    private static final String FETCHED =
            "{name: fetch, image: i, imageID: s, ready: true, restartCount: 0, state: {terminated: {exitCode: 0, reason: Completed, finishedAt: '2026-01-02T03:01:00Z'}}}";
    private static final String TRAINED =
            "{name: trainer, image: i, imageID: 'example.com/train@sha256:1234', ready: true, restartCount: 0, state: {terminated: {exitCode: 0, reason: Completed, finishedAt: '2026-01-02T03:02:00Z'}}}";

    private final TrainerRun run = Runs.run(Runs.job("trainer: {image: 'example.com/train:1'}"));
    private final TrainerRun two = Runs.run(Runs.job("trainer: {image: 'example.com/train:1', replicas: 2}"));

    @Test
    void theModelIsPublished() {
        var job = TrainerPods.job(run, NO_STATUS);
        var state = read(job, TrainerPods.pod(job, 0, """
                        phase: Succeeded
                        initContainerStatuses: [%s, %s]
                        containerStatuses:
                          - {name: publish, image: i, imageID: s, ready: false, restartCount: 0,
                             state: {terminated: {exitCode: 0, reason: Completed, finishedAt: '2026-01-02T03:03:00Z', message: '%s'}}}
                        """.formatted(
                        FETCHED, TRAINED, TrainerPods.published(Map.of("f1", 0.9)))));

        var result = ended(state);
        assertThat(result.outcome()).isEqualTo(Outcome.Succeeded);
        assertThat(result.details().metrics()).containsEntry("f1", 0.9);
        assertThat(((StepState.Ended<?>) state.step()).at()).isEqualTo("2026-01-02T03:03:00Z");
        assertThat(state.imageId()).isEqualTo("example.com/train@sha256:1234");
        assertThat(state.logPod()).isNotNull();
    }

    @Test
    void anImageThatWasLoadedFromAFileHasItsNameAndItsDigest() {
        var job = TrainerPods.job(run, "{active: 1}");
        var status = """
                phase: Pending
                initContainerStatuses:
                  - %s
                  - {name: trainer, image: '%s', imageID: 'sha256:1234', ready: false, restartCount: 0, state: {running: {}}}
                """;

        assertThat(imageOf(job, status.formatted(FETCHED, "localhost:5000/train:1")))
                .isEqualTo("localhost:5000/train@sha256:1234");
        assertThat(imageOf(job, status.formatted(FETCHED, "example.com/train@sha256:99")))
                .isEqualTo("example.com/train@sha256:1234");
        assertThat(imageOf(job, status.formatted(FETCHED, "sha256:1234"))).isEqualTo("sha256:1234");
    }

    private String imageOf(Job job, String status) {
        return read(job, TrainerPods.pod(job, 0, status)).imageId();
    }

    @Test
    void whatItIsDoingIsSaid() {
        var job = TrainerPods.job(run, "{active: 1}");

        assertThat(running(read(job, TrainerPods.pod(job, 0, """
                phase: Pending
                initContainerStatuses:
                  - {name: fetch, image: i, imageID: s, ready: false, restartCount: 0, state: {running: {startedAt: '2026-01-02T03:00:30Z'}}}
                  - {name: trainer, image: i, imageID: '', ready: false, restartCount: 0, state: {waiting: {reason: PodInitializing}}}
                containerStatuses:
                  - {name: publish, image: i, imageID: '', ready: false, restartCount: 0, state: {waiting: {reason: PodInitializing}}}
                """))).message())
                .isEqualTo("Job churn-3-train-1 fetches the data");
        var state = read(job, TrainerPods.pod(job, 0, """
                phase: Pending
                initContainerStatuses:
                  - %s
                  - {name: trainer, image: i, imageID: s, ready: false, restartCount: 0, state: {running: {startedAt: '2026-01-02T03:01:01Z'}}}
                """.formatted(FETCHED)));
        assertThat(running(state).message()).isEqualTo("Job churn-3-train-1 trains");
        assertThat(running(state).reason()).isEqualTo("Training");
        assertThat(state.logPod().getMetadata().getName()).isEqualTo("churn-3-train-1-0");
    }

    @Test
    void aTrainerThatFailsSaysWhy() {
        var result = ended(trainerEnded("{exitCode: 1, reason: Error, message: \"Traceback\\nKeyError: 'age'\\n\"}"));

        assertThat(result.outcome()).isEqualTo(Outcome.Failed);
        assertThat(result.reason()).isEqualTo("TrainerFailed");
        assertThat(result.message())
                .isEqualTo("the trainer ended with exit code 1; its last words: Traceback\nKeyError: 'age'");
        assertThat(trainerEnded("{exitCode: 1, reason: Error}").isTrainers()).isTrue();
    }

    @Test
    void whatItNeedsIsSaid() {
        var outOfMemory = ended(trainerEnded("{exitCode: 137, reason: OOMKilled}"));
        assertThat(outOfMemory.outcome()).isEqualTo(Outcome.Rejected);
        assertThat(outOfMemory.reason()).isEqualTo("OutOfMemory");
        assertThat(outOfMemory.message()).contains("4Gi", "spec.trainer.resources.limits.memory");

        assertThat(ended(trainerEnded("{exitCode: 135, reason: Error}")).message())
                .contains("/dev/shm");

        var noCommand = ended(
                trainerEnded(
                        "{exitCode: 128, reason: StartError, message: 'failed to create containerd task: runc create failed: exec: \"trian\": executable file not found in $PATH: unknown'}"));
        assertThat(noCommand.outcome()).isEqualTo(Outcome.Rejected);
        assertThat(noCommand.reason()).isEqualTo("TrainerNotStarted");
        assertThat(noCommand.message()).contains("trian", "spec.trainer.command");
    }

    @Test
    void whatFetchAndPublishSayIsPassedOn() {
        var job = TrainerPods.job(run, NO_STATUS);
        var damaged =
                StepResultCodec.toJson(StepResult.failed("fetch", "DatasetDamaged", "train.parquet has other bytes"));
        var fetch = ended(read(job, TrainerPods.pod(job, 0, """
                phase: Failed
                initContainerStatuses:
                  - {name: fetch, image: i, imageID: s, ready: false, restartCount: 0,
                     state: {terminated: {exitCode: 3, reason: Error, message: '%s'}}}
                """.formatted(damaged))));
        assertThat(fetch.reason()).isEqualTo("DatasetDamaged");
        assertThat(fetch.step()).isEqualTo("fetch");

        var missing = StepResultCodec.toJson(
                StepResult.rejected("publish", "ModelMissing", "there is no model.onnx", Map.of("artifacts", 7)));
        var publish = ended(read(job, TrainerPods.pod(job, 0, """
                phase: Failed
                initContainerStatuses: [%s, %s]
                containerStatuses:
                  - {name: publish, image: i, imageID: s, ready: false, restartCount: 0,
                     state: {terminated: {exitCode: 2, reason: Error, message: '%s'}}}
                """.formatted(FETCHED, TRAINED, missing))));
        assertThat(publish.outcome()).isEqualTo(Outcome.Rejected);
        assertThat(publish.reason()).isEqualTo("ModelMissing");
        assertThat(publish.details())
                .as("findings that this version can't read")
                .isNull();
    }

    @Test
    void anImageThatCannotBePulledIsWaitedForAWhile() {
        var job = TrainerPods.job(run, "{active: 1}");
        var pod = TrainerPods.pod(job, 0, """
                phase: Pending
                startTime: '2026-01-02T02:50:00Z'
                initContainerStatuses:
                  - %s
                  - {name: trainer, image: 'example.com/train:1', imageID: '', ready: false, restartCount: 0,
                     state: {waiting: {reason: ImagePullBackOff, message: 'Back-off pulling image "example.com/train:1"'}}}
                """.formatted(FETCHED));

        var held = running(read(job, pod));
        assertThat(held.isHeldUp()).isTrue();
        assertThat(held.lookAgain()).isTrue();
        assertThat(held.reason()).isEqualTo("ImagePullFailed");
        assertThat(held.message()).contains("example.com/train:1", "Back-off");

        var later = TrainerReader.read(job, List.of(pod), Runs.SETTINGS, Runs.NOW.plus(Duration.ofMinutes(7)));
        assertThat(ended(later).outcome()).isEqualTo(Outcome.Rejected);
        assertThat(ended(later).message()).contains("spec.trainer.image");

        assertThat(ended(read(job, TrainerPods.pod(job, 0, """
                phase: Pending
                initContainerStatuses:
                  - %s
                  - {name: trainer, image: 'a b', imageID: '', ready: false, restartCount: 0,
                     state: {waiting: {reason: InvalidImageName, message: 'couldn''t parse'}}}
                """.formatted(FETCHED))))
                        .reason())
                .isEqualTo("ImagePullFailed");
    }

    @Test
    void whatHoldsItUpIsSaid() {
        var job = TrainerPods.job(run, NO_STATUS);

        assertThat(running(read(job, TrainerPods.pod(job, 0, """
                phase: Pending
                conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.'}]
                """))).reason()).isEqualTo("Unschedulable");
        assertThat(running(read(job)).reason()).as("no pod for minutes").isEqualTo("PodNotCreated");

        var queue = TrainerPods.job(Runs.run(Runs.job("trainer: {image: x, queue: team-a}")), NO_STATUS);
        assertThat(running(read(queue)).reason()).isEqualTo("Queued");
        assertThat(running(read(queue)).isHeldUp()).isFalse();
        assertThat(running(read(queue)).message()).contains("team-a", "Kueue");
    }

    @Test
    void aPodThatIsTakenAwayIsFollowedByAnother() {
        var job = TrainerPods.job(run, "{active: 1, failed: 0}");
        var lost = new PodBuilder(TrainerPods.pod(job, 0, """
                        phase: Failed
                        conditions: [{type: DisruptionTarget, status: 'True', reason: EvictionByEvictionAPI, message: 'Eviction API: evicting'}]
                        initContainerStatuses:
                          - %s
                          - {name: trainer, image: i, imageID: s, ready: false, restartCount: 0, state: {terminated: {exitCode: 137, reason: Error}}}
                        """.formatted(FETCHED)))
                .editMetadata()
                .withName("churn-3-train-1-first")
                .withCreationTimestamp("2026-01-02T02:59:00Z")
                .endMetadata()
                .build();
        var next = TrainerPods.pod(job, 0, "{phase: Pending}");

        assertThat(running(read(job, lost)).message()).contains("lost pod", "Eviction API: evicting");
        assertThat(running(read(job, lost, next)).message()).isEqualTo("Job churn-3-train-1 starts");
        assertThat(read(job, lost).isFree()).isFalse();
    }

    @Test
    void aPodOnANodeThatIsGoneIsNotWaitedForForever() {
        var job = TrainerPods.job(run, "{active: 0, terminating: 1}");
        var lost = TrainerPods.pod(job, 0, """
                phase: Running
                conditions: [{type: DisruptionTarget, status: 'True', reason: DeletionByTaintManager, lastTransitionTime: '2026-01-02T03:04:00Z', message: 'Taint manager: deleting due to NoExecute taint'}]
                """);

        assertThat(running(read(job, lost)).lookAgain()).isTrue();
        var later = TrainerReader.read(job, List.of(lost), Runs.SETTINGS, Runs.NOW.plus(TrainerReader.LOSS_GRACE));
        assertThat(ended(later).reason()).isEqualTo("Disrupted");
        assertThat(later.isFree()).isTrue();
    }

    @Test
    void whoWantsItCountedHasItCounted() {
        var job = TrainerPods.job(Runs.run(Runs.job("trainer: {image: x, spot: {tolerate: false}}")), NO_STATUS);

        var state = read(job, TrainerPods.pod(job, 0, """
                phase: Failed
                conditions: [{type: DisruptionTarget, status: 'True', reason: DeletionByTaintManager, message: 'Taint manager: deleting due to NoExecute taint'}]
                """));
        assertThat(ended(state).reason()).isEqualTo("PodTakenAway");
        assertThat(state.isFree()).isFalse();
    }

    @Test
    void theDiskIsBounded() {
        var job = TrainerPods.job(run, NO_STATUS);
        var result = ended(read(job, TrainerPods.pod(job, 0, """
                phase: Failed
                reason: Evicted
                message: 'Usage of EmptyDir volume "output" exceeds the limit "20Gi". '
                initContainerStatuses:
                  - {name: trainer, image: i, imageID: s, ready: false, restartCount: 0, state: {terminated: {exitCode: 137, reason: ContainerStatusUnknown}}}
                """)));

        assertThat(result.outcome()).isEqualTo(Outcome.Rejected);
        assertThat(result.reason()).isEqualTo("DiskLimitExceeded");
        assertThat(result.message()).contains("EmptyDir", "ephemeral-storage");
    }

    @Test
    void ofSeveralPodsTheFirstThatFailedExplains() {
        var job = TrainerPods.job(two, "{active: 0, failed: 2}");
        var consequence = TrainerPods.pod(job, 0, failedTrainer("1", "Error", "03:02:02", "connection closed by peer"));
        var cause = TrainerPods.pod(job, 1, failedTrainer("137", "OOMKilled", "03:02:02", ""));
        var later = TrainerPods.pod(job, 1, failedTrainer("1", "Error", "03:02:09", "killed"));

        assertThat(ended(read(job, consequence, cause)).message())
                .startsWith("the trainer of rank 1 needs more memory");
        assertThat(ended(read(job, consequence, later)).message())
                .isEqualTo("the trainer of rank 0 ended with exit code 1; its last words: connection closed by peer");
    }

    @Test
    void ofSeveralPodsAllMustEndWell() {
        var active = TrainerPods.job(two, "{active: 1, succeeded: 1}");
        var first = TrainerPods.pod(active, 0, publishedBy(TrainerPods.published(Map.of())));
        var second = TrainerPods.pod(active, 1, """
                phase: Pending
                initContainerStatuses:
                  - %s
                  - {name: trainer, image: i, imageID: s, ready: false, restartCount: 0, state: {running: {}}}
                """.formatted(FETCHED));
        assertThat(running(read(active, first, second)).message())
                .isEqualTo("Job churn-3-train-1 trains in 1 of 2 pods");

        var complete = TrainerPods.job(two, """
                conditions: [{type: Complete, status: 'True', lastTransitionTime: '2026-01-02T03:04:00Z'}]
                """);
        var nothing =
                "{\"schema\":\"tatara.dev/step-result/v1\",\"step\":\"publish\",\"outcome\":\"Succeeded\",\"reason\":\"Succeeded\",\"message\":\"nothing to do\"}";
        assertThat(ended(read(complete, first, TrainerPods.pod(complete, 1, publishedBy(nothing))))
                        .details()
                        .model()
                        .sha256())
                .isEqualTo(TrainerPods.MODEL_SHA256);
    }

    @Test
    void ofSeveralPodsTheLossOfOneEndsAllAndDoesNotCount() {
        var job = TrainerPods.job(two, "{active: 1}");
        var lost = TrainerPods.pod(job, 1, """
                phase: Running
                conditions: [{type: DisruptionTarget, status: 'True', reason: PreemptionByScheduler, message: 'default-scheduler: preempting to accommodate a higher priority pod', lastTransitionTime: '2026-01-02T03:02:00Z'}]
                """);
        var other = TrainerPods.pod(job, 0, failedTrainer("1", "Error", "03:02:01", "peer is gone"));
        var state = read(job, lost, other);
        assertThat(ended(state).reason()).isEqualTo("Disrupted");
        assertThat(state.isFree()).isTrue();

        var failed = TrainerPods.job(two, """
                conditions:
                  - {type: FailureTarget, status: 'True', reason: PodFailurePolicy, message: m}
                  - {type: Failed, status: 'True', reason: PodFailurePolicy, lastTransitionTime: '2026-01-02T03:03:00Z',
                     message: 'Pod ml/churn-3-train-1-1-abcde has condition DisruptionTarget matching FailJob rule at index 0'}
                """);
        assertThat(ended(read(failed)).reason()).isEqualTo("Disrupted");
        assertThat(read(failed).isFree()).isTrue();
    }

    @Test
    void theDeadlineOfTheRunEndsIt() {
        var job = TrainerPods.job(run, """
                conditions: [{type: Failed, status: 'True', reason: DeadlineExceeded, message: 'Job was active longer than specified deadline', lastTransitionTime: '2026-01-02T03:04:00Z'}]
                """);
        var told = new PodBuilder(TrainerPods.pod(job, 0, failedTrainer("143", "Error", "03:04:00", "")))
                .editMetadata()
                .withDeletionTimestamp("2026-01-02T03:04:00Z")
                .endMetadata()
                .build();

        assertThat(ended(read(job, told)).reason()).isEqualTo("TrainingTimedOut");
        assertThat(ended(read(job)).message()).contains("21600 s", "spec.activeDeadline");
    }

    @Test
    void aResultThatIsGoneIsLookedForByTheNextAttempt() {
        var job = TrainerPods.job(run, """
                conditions: [{type: Complete, status: 'True', lastTransitionTime: '2026-01-02T03:04:00Z'}]
                """);

        assertThat(running(read(job)).lookAgain()).isTrue();
        var later = TrainerReader.read(job, List.of(), Runs.SETTINGS, Runs.NOW.plusSeconds(10));
        assertThat(ended(later).reason()).isEqualTo(TrainerReader.RESULT_LOST);
        assertThat(ended(later).outcome()).isEqualTo(Outcome.Failed);
        assertThat(later.isFree()).isTrue();
    }

    @Test
    void aFailureWhosePodIsGoneCounts() {
        var job = TrainerPods.job(run, """
                conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded, lastTransitionTime: '2026-01-02T03:04:00Z'}]
                """);

        assertThat(running(read(job)).lookAgain()).isTrue();
        var later = TrainerReader.read(job, List.of(), Runs.SETTINGS, Runs.NOW.plusSeconds(10));
        assertThat(ended(later).reason()).isEqualTo("ResultMissing");
        assertThat(ended(later).outcome()).isEqualTo(Outcome.Failed);
        assertThat(later.isFree()).isFalse();
    }

    private TrainerState trainerEnded(String terminated) {
        var job = TrainerPods.job(run, NO_STATUS);
        return read(job, TrainerPods.pod(job, 0, """
                phase: Failed
                initContainerStatuses:
                  - %s
                  - {name: trainer, image: i, imageID: s, ready: false, restartCount: 0, state: {terminated: %s}}
                """.formatted(FETCHED, terminated)));
    }

    private static String failedTrainer(String code, String reason, String time, String message) {
        return """
                phase: Failed
                initContainerStatuses:
                  - %s
                  - {name: trainer, image: i, imageID: s, ready: false, restartCount: 0,
                     state: {terminated: {exitCode: %s, reason: %s, message: '%s', finishedAt: '2026-01-02T%sZ'}}}
                """.formatted(FETCHED, code, reason, message, time);
    }

    private static String publishedBy(String message) {
        return """
                phase: Succeeded
                initContainerStatuses: [%s, %s]
                containerStatuses:
                  - {name: publish, image: i, imageID: s, ready: false, restartCount: 0,
                     state: {terminated: {exitCode: 0, reason: Completed, message: '%s'}}}
                """.formatted(FETCHED, TRAINED, message);
    }

    private static TrainerState read(Job job, Pod... pods) {
        return TrainerReader.read(job, List.of(pods), Runs.SETTINGS, Runs.NOW);
    }

    private static StepResult<Published> ended(TrainerState state) {
        assertThat(state.step()).isInstanceOf(StepState.Ended.class);
        return ((StepState.Ended<Published>) state.step()).result();
    }

    private static StepState.Running<Published> running(TrainerState state) {
        assertThat(state.step()).isInstanceOf(StepState.Running.class);
        return (StepState.Running<Published>) state.step();
    }
}
