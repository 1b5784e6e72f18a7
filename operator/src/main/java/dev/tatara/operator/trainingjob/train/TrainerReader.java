package dev.tatara.operator.trainingjob.train;

import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.steps.PodSigns;
import dev.tatara.operator.steps.StepReader;
import dev.tatara.operator.steps.StepState;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads from a trainer's Job and its pods how far the attempt is. */
public final class TrainerReader {
    /** Reason while it goes on as it should. */
    public static final String TRAINING = "Training";
    /** Reason while Kueue holds it back. */
    public static final String QUEUED = "Queued";
    /** Reason while somebody holds it back. */
    public static final String SUSPENDED = "Suspended";
    /** Reason of an end that is nobody's fault. */
    public static final String DISRUPTED = "Disrupted";

    /** Reason of an end that was good, though nobody can say any more what came of it: the store can. */
    public static final String RESULT_LOST = "ResultLost";

    static final String DISRUPTION = "DisruptionTarget";

    /** A Job makes no other pod before the one it lost has ended, and on a node that is gone that may never be. */
    static final Duration LOSS_GRACE = Duration.ofMinutes(5);

    private static final String STEP = "train";
    private static final String COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index";
    private static final List<String> CONTAINERS = List.of(TrainerPod.FETCH, TrainerPod.TRAINER, TrainerPod.PUBLISH);

    private final Job job;
    private final SortedMap<Long, Pod> pods;
    private final TrainerSettings settings;
    private final Instant now;

    private TrainerReader(Job job, SortedMap<Long, Pod> pods, TrainerSettings settings, Instant now) {
        this.job = job;
        this.pods = pods;
        this.settings = settings;
        this.now = now;
    }

    /**
     * Reads one Job.
     *
     * @param pods at least those of the Job; others are passed over
     */
    public static TrainerState read(Job job, Collection<Pod> pods, TrainerSettings settings, Instant now) {
        // A pod that a drained node took away is followed by another.
        var latest = BinaryOperator.maxBy(
                Comparator.comparing((Pod pod) -> pod.getMetadata().getCreationTimestamp())
                        .thenComparing(pod -> pod.getMetadata().getName()));
        var byRank = pods.stream()
                .filter(pod -> Owners.owns(job, pod))
                .collect(Collectors.toMap(TrainerReader::rankOf, Function.identity(), latest, TreeMap::new));
        return new TrainerReader(job, byRank, settings, now).read();
    }

    private TrainerState read() {
        var end = PodSigns.endOf(job);
        var loss = loss();
        if (loss.isPresent()) {
            return loss.get();
        }
        var failure = failure();
        if (failure.isPresent()) {
            var found = failure.get();
            return state(new StepState.Ended<>(found.result(), found.at()), false, found.isTrainers());
        }
        var published = published();
        if (published.isPresent()
                && (replicas() == 1 || end.filter(TrainerReader::isComplete).isPresent())) {
            return state(published.get(), false, false);
        }
        if (end.isPresent()) {
            return afterTheEnd(end.get());
        }
        if (job.getSpec() != null && Boolean.TRUE.equals(job.getSpec().getSuspend())) {
            return state(suspended(), false, false);
        }
        return state(pods.isEmpty() ? withoutPod() : running(), false, false);
    }

    /**
     * The end by a pod that was taken away. A single pod is simply made again by its Job, unless somebody wants it
     * counted, or a node that doesn't answer keeps the Job waiting for the end of the pod it lost.
     */
    private Optional<TrainerState> loss() {
        var isCounted = job.getSpec().getPodFailurePolicy() == null;
        return pods.values().stream()
                .flatMap(pod -> PodSigns.condition(pod, DISRUPTION).stream()
                        .filter(condition -> isCounted || replicas() > 1 || isStuck(condition))
                        .map(condition -> lost(pod.getMetadata().getName(), condition, isCounted)))
                .findFirst();
    }

    private boolean isStuck(PodCondition condition) {
        return !now.isBefore(
                PodSigns.timeOr(condition.getLastTransitionTime(), now).plus(LOSS_GRACE));
    }

    private TrainerState lost(String pod, PodCondition condition, boolean isCounted) {
        var at = PodSigns.timeOr(condition.getLastTransitionTime(), now);
        var message = "pod " + pod + " was taken away: "
                + Objects.requireNonNullElse(condition.getMessage(), condition.getReason());
        return isCounted
                ? state(
                        failed(
                                at,
                                "PodTakenAway",
                                message
                                        + "; remove spec.trainer.spot.tolerate, or set it to true, and this won't count"),
                        false,
                        false)
                : state(failed(at, DISRUPTED, message + "; it begins again, which doesn't count"), true, false);
    }

    /** What failed first: where several pods wait for each other, the others fail for that. */
    private Optional<PodFailure> failure() {
        return pods.entrySet().stream()
                .filter(entry -> !isDisrupted(entry.getValue()))
                .flatMap(entry -> PodFailure.of(job, entry.getValue(), entry.getKey(), now).stream())
                .min(Comparator.comparing(PodFailure::at)
                        // Who ran out of memory was killed; who missed it ended by itself within the same second.
                        .thenComparing(failure -> failure.result().outcome() == Outcome.Rejected ? 0 : 1)
                        .thenComparing(PodFailure::rank));
    }

    private static boolean isDisrupted(Pod pod) {
        return PodSigns.condition(pod, DISRUPTION).isPresent();
    }

    private Optional<StepState.Ended<Published>> published() {
        return Optional.ofNullable(pods.get(0L))
                .flatMap(pod -> PodSigns.endOf(pod, TrainerPod.PUBLISH))
                .flatMap(end -> PublishedResult.in(end)
                        .map(result -> new StepState.Ended<>(result, PodSigns.timeOr(end.getFinishedAt(), now))));
    }

    private TrainerState afterTheEnd(JobCondition end) {
        var at = PodSigns.timeOr(end.getLastTransitionTime(), now);
        var words = Objects.requireNonNullElse(end.getMessage(), "");
        if ("DeadlineExceeded".equals(end.getReason())) {
            return state(
                    failed(
                            at,
                            "TrainingTimedOut",
                            "the training didn't end within the "
                                    + job.getSpec().getActiveDeadlineSeconds()
                                    + " s that its run had left; raise spec.activeDeadline, or train on less"),
                    false,
                    false);
        }
        if ("PodFailurePolicy".equals(end.getReason()) && words.contains(DISRUPTION)) {
            return state(
                    failed(at, DISRUPTED, "a pod was taken away; the others can't go on without it: " + words),
                    true,
                    false);
        }
        if (now.isBefore(at.plus(StepReader.RESULT_GRACE))) {
            return state(underWay("ended; reading its result", true), false, false);
        }
        if (isComplete(end)) {
            return state(
                    failed(
                            at,
                            RESULT_LOST,
                            "Job " + name() + " ended well, but its pod is gone and with it the result; it is looked"
                                    + " for in the store, and nothing is trained again"),
                    true,
                    false);
        }
        return state(
                failed(at, "ResultMissing", "Job " + name() + " failed, but its pod is gone and with it the reason"),
                false,
                false);
    }

    private StepState<Published> suspended() {
        var queue = job.getMetadata().getLabels().get(TrainerJob.QUEUE);
        if (queue == null) {
            return new StepState.Running<>(SUSPENDED, "Job " + name() + " is suspended", false, false);
        }
        return new StepState.Running<>(
                QUEUED,
                "Job " + name() + " waits in queue " + queue + " until Kueue starts it; kubectl get workloads -n "
                        + job.getMetadata().getNamespace() + " shows where it stands",
                false,
                false);
    }

    private StepState<Published> withoutPod() {
        var since = PodSigns.timeOr(job.getMetadata().getCreationTimestamp(), now);
        if (job.getStatus() != null && job.getStatus().getStartTime() != null) {
            since = Instant.parse(job.getStatus().getStartTime());
        }
        if (now.isBefore(since.plus(StepReader.POD_GRACE))) {
            return underWay("starts", true);
        }
        return heldUp(
                "PodNotCreated",
                "Job " + name() + " got no pod within " + StepReader.POD_GRACE.toSeconds()
                        + " s; its events say why: kubectl describe job " + name() + " -n "
                        + job.getMetadata().getNamespace());
    }

    private StepState<Published> running() {
        return pods.values().stream()
                .flatMap(pod -> trouble(pod).stream())
                .findFirst()
                .orElseGet(this::goingOn);
    }

    private Optional<StepState<Published>> trouble(Pod pod) {
        if (isDisrupted(pod)) {
            var condition = PodSigns.condition(pod, DISRUPTION).orElseThrow();
            return Optional.of(underWay(
                    "lost pod " + pod.getMetadata().getName() + " ("
                            + Objects.requireNonNullElse(condition.getMessage(), condition.getReason()) + ")",
                    true));
        }
        var unscheduled = PodSigns.unschedulable(pod);
        if (unscheduled.isPresent()) {
            return Optional.of(heldUp(
                    "Unschedulable",
                    "no node takes the pod " + pod.getMetadata().getName() + ": "
                            + unscheduled.get().getMessage()));
        }
        for (var container : CONTAINERS) {
            var wait = PodSigns.waitOf(pod, container);
            if (wait.isPresent() && PodSigns.isForImage(wait.get())) {
                return Optional.of(withoutImage(pod, container, wait.get()));
            }
            if (wait.isPresent() && PodSigns.isForStart(wait.get())) {
                return Optional.of(heldUp(
                        "ContainerNotStarted",
                        "the container " + container + " can't be started: "
                                + wait.get().getReason() + ": " + wait.get().getMessage()));
            }
        }
        return Optional.empty();
    }

    private StepState<Published> withoutImage(Pod pod, String container, ContainerStateWaiting wait) {
        var isTrainer = TrainerPod.TRAINER.equals(container);
        var image =
                PodSigns.statusOf(pod, container).map(ContainerStatus::getImage).orElse("");
        var message = "the image " + image + " can't be pulled: " + wait.getReason() + ": " + wait.getMessage();
        var isHopeless = "InvalidImageName".equals(wait.getReason());
        if (!isHopeless && now.isBefore(waitsSince(pod, isTrainer).plus(settings.imageDeadline()))) {
            return new StepState.Running<>(
                    "ImagePullFailed",
                    message + "; see that the node can reach the registry and may pull the image",
                    true,
                    true);
        }
        return new StepState.Ended<>(
                isTrainer
                        ? StepResult.rejected(
                                STEP,
                                "ImagePullFailed",
                                message + "; mend spec.trainer.image, or give the nodes access to its registry"
                                        + " (spec.trainer.podTemplate: imagePullSecrets)",
                                null)
                        : StepResult.failed(STEP, "ImagePullFailed", message),
                now);
    }

    private Instant waitsSince(Pod pod, boolean isTrainer) {
        var started = PodSigns.timeOr(pod.getStatus().getStartTime(), now);
        return isTrainer
                ? PodSigns.endOf(pod, TrainerPod.FETCH)
                        .map(end -> PodSigns.timeOr(end.getFinishedAt(), started))
                        .orElse(started)
                : started;
    }

    private StepState<Published> goingOn() {
        var training = pods.values().stream()
                .filter(pod -> isRunning(pod, TrainerPod.TRAINER))
                .count();
        var isPublishing = pods.values().stream().anyMatch(pod -> isRunning(pod, TrainerPod.PUBLISH));
        if (training > 0) {
            return underWay(
                    replicas() == 1 ? "trains" : "trains in " + training + " of " + replicas() + " pods", false);
        }
        if (isPublishing) {
            return underWay("publishes the model", false);
        }
        return underWay(
                pods.values().stream().anyMatch(pod -> isRunning(pod, TrainerPod.FETCH))
                        ? "fetches the data"
                        : "starts",
                false);
    }

    private TrainerState state(StepState<Published> step, boolean isFree, boolean isTrainers) {
        var first = pods.get(0L);
        var trainer = pods.values().stream()
                .flatMap(pod -> PodSigns.statusOf(pod, TrainerPod.TRAINER).stream())
                .map(TrainerReader::imageOf)
                .filter(image -> image != null && !image.isBlank())
                .findFirst()
                .orElse(null);
        var hasLog = first != null
                && (isRunning(first, TrainerPod.TRAINER)
                        || PodSigns.endOf(first, TrainerPod.TRAINER).isPresent());
        return new TrainerState(step, isFree, isTrainers, trainer, hasLog ? first : null);
    }

    /** With its name: of an image that was loaded from a file, nodes tell only the digest. */
    private static String imageOf(ContainerStatus status) {
        var id = status.getImageID();
        var name = status.getImage();
        if (id == null || !id.startsWith("sha256:") || name == null || name.startsWith("sha256:")) {
            return id;
        }
        return name.replaceFirst("@.*$", "").replaceFirst(":[^/:]*$", "") + "@" + id;
    }

    private static boolean isRunning(Pod pod, String container) {
        return PodSigns.statusOf(pod, container)
                .map(ContainerStatus::getState)
                .filter(state -> state.getRunning() != null)
                .isPresent();
    }

    private static boolean isComplete(JobCondition end) {
        return "Complete".equals(end.getType());
    }

    private int replicas() {
        return TrainerJob.replicasOf(job);
    }

    private static long rankOf(Pod pod) {
        var annotations = pod.getMetadata().getAnnotations();
        var index = annotations == null ? null : annotations.get(COMPLETION_INDEX);
        return index != null && index.matches("\\d{1,9}") ? Long.parseLong(index) : 0;
    }

    private String name() {
        return job.getMetadata().getName();
    }

    private StepState<Published> underWay(String activity, boolean lookAgain) {
        return new StepState.Running<>(TRAINING, "Job " + name() + " " + activity, false, lookAgain);
    }

    private static StepState<Published> heldUp(String reason, String message) {
        return new StepState.Running<>(reason, message, true, false);
    }

    private static StepState<Published> failed(Instant at, String reason, String message) {
        return new StepState.Ended<>(StepResult.failed(STEP, reason, message), at);
    }
}
