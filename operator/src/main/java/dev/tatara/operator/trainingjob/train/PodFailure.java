package dev.tatara.operator.trainingjob.train;

import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.steps.PodSigns;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Why a trainer's pod failed.
 *
 * @param at when
 * @param rank which pod of the Job it was
 * @param result the reason and what to do, for people
 * @param isTrainers whether it is the user's trainer's own doing, rather than that of something around it
 */
record PodFailure(Instant at, long rank, StepResult<Published> result, boolean isTrainers) {
    private static final String STEP = "train";
    private static final String OUT_OF_MEMORY = "OutOfMemory";
    private static final Pattern NO_SUCH_COMMAND =
            Pattern.compile("executable file not found|no such file or directory|permission denied|exec format error");

    /** Looks at one pod; nothing if it didn't fail, or was told to go. */
    static Optional<PodFailure> of(Job job, Pod pod, long rank, Instant now) {
        if (pod.getStatus() == null || pod.getMetadata().getDeletionTimestamp() != null) {
            return Optional.empty();
        }
        return new Reader(job, pod, rank, now).read();
    }

    private record Reader(Job job, Pod pod, long rank, Instant now) {
        Optional<PodFailure> read() {
            if (PodSigns.isEvicted(pod)) {
                return Optional.of(evicted());
            }
            return Stream.<Optional<PodFailure>>of(ofFetch(), ofTrainer(), ofPublish())
                    .flatMap(Optional::stream)
                    .findFirst()
                    .or(this::ofPod);
        }

        private PodFailure evicted() {
            var words =
                    Objects.requireNonNullElse(pod.getStatus().getMessage(), "").strip();
            if (words.contains("exceed")) {
                return failure(
                        lastEnd(),
                        StepResult.rejected(
                                STEP,
                                "DiskLimitExceeded",
                                "the node ended " + trainer() + ", which wrote more than it may: " + words
                                        + " Write less to /tatara/output, /tmp and stdout, or raise"
                                        + " spec.trainer.resources.limits.ephemeral-storage",
                                null),
                        true);
            }
            return failure(lastEnd(), failed("Evicted", "the node evicted " + trainer() + ": " + words), false);
        }

        private Optional<PodFailure> ofFetch() {
            return end(TrainerPod.FETCH).map(end -> {
                var result = isOutOfMemory(end)
                        ? tooLittleForStep("fetching the data")
                        : PublishedResult.in(end).orElseGet(() -> crashed("FetchCrashed", "fetching the data", end));
                return failure(at(end), result, false);
            });
        }

        private Optional<PodFailure> ofPublish() {
            return end(TrainerPod.PUBLISH).map(end -> {
                if (isOutOfMemory(end)) {
                    return failure(at(end), tooLittleForStep("publishing the model"), false);
                }
                var result = PublishedResult.in(end);
                return failure(
                        at(end),
                        result.orElseGet(() -> crashed("PublishCrashed", "publishing the model", end)),
                        // What it rejects is the trainer's output.
                        result.isPresent() && result.get().outcome() == Outcome.Rejected);
            });
        }

        private Optional<PodFailure> ofTrainer() {
            return end(TrainerPod.TRAINER).map(end -> {
                if (isOutOfMemory(end)) {
                    return failure(
                            at(end),
                            StepResult.rejected(
                                    STEP,
                                    OUT_OF_MEMORY,
                                    trainer() + " needs more memory than the " + memoryLimit()
                                            + " it may use; raise spec.trainer.resources.limits.memory, or let it"
                                            + " hold less at a time",
                                    null),
                            true);
                }
                if (isNotStarted(end)) {
                    return failure(at(end), notStarted(end), false);
                }
                return failure(
                        at(end),
                        failed(
                                "TrainerFailed",
                                trainer() + " ended with exit code " + end.getExitCode() + meaningOf(end)
                                        + PodSigns.lastWords(end)),
                        true);
            });
        }

        private StepResult<Published> notStarted(ContainerStateTerminated end) {
            var words = Objects.requireNonNullElse(end.getMessage(), "").strip();
            var message = trainer() + " can't be started: " + words;
            return NO_SUCH_COMMAND.matcher(words).find()
                    ? StepResult.rejected(
                            STEP,
                            "TrainerNotStarted",
                            message + "; see what spec.trainer.command and the image name, and that user 10001 may"
                                    + " execute it",
                            null)
                    : failed("TrainerNotStarted", message);
        }

        /** The kubelet or the node refused or lost the pod. */
        private Optional<PodFailure> ofPod() {
            if (!"Failed".equals(pod.getStatus().getPhase())) {
                return Optional.empty();
            }
            return Optional.of(failure(
                    lastEnd(),
                    failed(
                            "PodFailed",
                            "pod " + pod.getMetadata().getName() + " failed: "
                                    + Objects.requireNonNullElse(pod.getStatus().getReason(), "no reason given") + ": "
                                    + Objects.requireNonNullElse(pod.getStatus().getMessage(), "no message")),
                    false));
        }

        /** The end of a container that didn't end well. */
        private Optional<ContainerStateTerminated> end(String container) {
            return PodSigns.endOf(pod, container).filter(end -> !Objects.equals(end.getExitCode(), 0));
        }

        private static StepResult<Published> crashed(String reason, String what, ContainerStateTerminated end) {
            return failed(
                    reason,
                    what + " ended with exit code " + end.getExitCode() + " and no result" + PodSigns.lastWords(end));
        }

        private static StepResult<Published> tooLittleForStep(String what) {
            return StepResult.rejected(
                    STEP,
                    OUT_OF_MEMORY,
                    what + " needs more memory than it may use; raise the operator's"
                            + " tatara.operator.trainer.step-memory-limit",
                    null);
        }

        private static StepResult<Published> failed(String reason, String message) {
            return StepResult.failed(STEP, reason, message);
        }

        private PodFailure failure(Instant at, StepResult<Published> result, boolean isTrainers) {
            return new PodFailure(at, rank, result, isTrainers);
        }

        private String trainer() {
            return TrainerJob.replicasOf(job) == 1 ? "the trainer" : "the trainer of rank " + rank;
        }

        private String memoryLimit() {
            return pod.getSpec().getInitContainers().stream()
                    .filter(container -> TrainerPod.TRAINER.equals(container.getName()))
                    .map(Container::getResources)
                    .filter(Objects::nonNull)
                    .map(resources -> resources.getLimits().get("memory"))
                    .filter(Objects::nonNull)
                    .map(Quantity::toString)
                    .findFirst()
                    .orElse("memory");
        }

        private Instant at(ContainerStateTerminated end) {
            return PodSigns.timeOr(end.getFinishedAt(), now);
        }

        private Instant lastEnd() {
            return Stream.of(TrainerPod.FETCH, TrainerPod.TRAINER, TrainerPod.PUBLISH)
                    .flatMap(container -> PodSigns.endOf(pod, container).stream())
                    .map(this::at)
                    .max(Instant::compareTo)
                    .orElse(now);
        }

        private static boolean isOutOfMemory(ContainerStateTerminated end) {
            return "OOMKilled".equals(end.getReason());
        }

        private static boolean isNotStarted(ContainerStateTerminated end) {
            return "StartError".equals(end.getReason()) || "ContainerCannotRun".equals(end.getReason());
        }

        /** What an exit code says to those who don't know it by heart. */
        private static String meaningOf(ContainerStateTerminated end) {
            return switch (Objects.requireNonNullElse(end.getExitCode(), 0)) {
                case 126 -> " (its command can't be executed)";
                case 127 -> " (its command isn't there)";
                case 134 -> " (it aborted itself)";
                case 135 ->
                    " (bus error; often too little of /dev/shm, which has 64 MiB unless spec.trainer.podTemplate mounts"
                            + " an emptyDir of medium Memory there)";
                case 137 -> " (it was killed)";
                case 139 -> " (segmentation fault)";
                case 143 -> " (it was told to stop)";
                default -> "";
            };
        }
    }
}
