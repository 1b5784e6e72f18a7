package dev.tatara.operator.driftpolicy.plan;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.driftpolicy.Action.Breach;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.driftpolicy.Receiver;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RevisionStatus;
import dev.tatara.contracts.Notified;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.kubernetes.Digests;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.steps.StepNames;
import dev.tatara.operator.steps.StepPod;
import dev.tatara.operator.steps.StepTerms;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The Job of one attempt at telling one receiver of one trigger, and the ConfigMap with what is told. The receiver's
 * URL is a secret: it is mounted, and neither the operator nor the Job's arguments know it.
 */
public final class NotificationJob {
    public static final String COMPONENT = "drift-notification";
    public static final String CONTAINER = "notify";

    static final String FILE = "message.json";

    private static final String TRIGGER = Labels.GROUP + "/trigger";
    private static final String RECEIVER = Labels.GROUP + "/receiver";
    private static final String MESSAGE_FOLDER = "/tatara/message";
    private static final String RECEIVER_FOLDER = "/tatara/secrets/receiver";
    private static final String MEMORY = "384Mi";
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    private NotificationJob() {}

    /** Whether an object tells, or holds what is told, of this trigger. */
    static boolean isAbout(HasMetadata object, Trigger trigger) {
        return trigger.id() != null && digestOf(trigger).equals(triggerOf(object));
    }

    /** Digest of the trigger's id that an object tells of; {@code null} if it tells of none. */
    static String triggerOf(HasMetadata object) {
        var labels = object.getMetadata().getLabels();
        return labels == null ? null : labels.get(TRIGGER);
    }

    /** Whom a Job tells; {@code null} if it tells nobody. */
    static String receiverOf(Job job) {
        return job.getMetadata().getLabels().get(RECEIVER);
    }

    static String messageName(Observed observed, Trigger trigger) {
        return observed.policy().getMetadata().getName() + "-notice-" + digestOf(trigger);
    }

    /** What is told. */
    static ConfigMap message(Observed observed, Trigger trigger) {
        var policy = observed.policy();
        var labels = Labels.of(policy, "tatara-steps", COMPONENT);
        labels.put(TRIGGER, digestOf(trigger));
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(messageName(observed, trigger))
                .withNamespace(policy.getMetadata().getNamespace())
                .withLabels(labels)
                .withOwnerReferences(Owners.controller(policy))
                .endMetadata()
                .withImmutable(true)
                .addToData(FILE, JSON.asJson(content(observed, trigger)))
                .build();
    }

    static Job render(Observed observed, Trigger trigger, Receiver receiver, int attempt, PlanSettings settings) {
        var policy = observed.policy();
        var labels = Labels.of(policy, "tatara-steps", COMPONENT);
        labels.put(TRIGGER, digestOf(trigger));
        labels.put(RECEIVER, receiver.name());
        labels.put(AttemptLabels.ATTEMPT, Integer.toString(attempt));
        var secret = receiver.urlSecretRef();
        var suffix = "-notify-" + Digests.of(List.of(trigger.id(), receiver.name()), 8) + "-" + attempt;
        return new StepPod(CONTAINER, settings.step().image(), settings.step().pullPolicy(), new Quantity("64Mi"))
                .labels(labels)
                .arguments(List.of(
                        "notify",
                        "--receiver-type",
                        receiver.type().name(),
                        "--url-file",
                        RECEIVER_FOLDER + "/" + (secret.key() == null ? "url" : secret.key()),
                        "--message-file",
                        MESSAGE_FOLDER + "/" + FILE,
                        "--id",
                        trigger.id()))
                .resources(new ResourceRequirementsBuilder()
                        .addToRequests("cpu", new Quantity("50m"))
                        .addToRequests("memory", new Quantity("128Mi"))
                        .addToLimits("memory", new Quantity(MEMORY))
                        .build())
                .configMap("message", MESSAGE_FOLDER, messageName(observed, trigger))
                .secret("receiver", RECEIVER_FOLDER, secret.name())
                .job(
                        policy,
                        StepNames.of(policy.getMetadata().getName(), suffix),
                        Map.of(),
                        settings.notification().deadline());
    }

    static StepTerms<Notified> terms(PlanSettings settings) {
        return new StepTerms<>(
                "notify",
                CONTAINER,
                Notified.class,
                settings.step().image(),
                "the notification",
                "tells a receiver",
                "Notifying",
                "NotificationTimedOut",
                "NotificationCrashed",
                settings.notification().deadline(),
                "it is tried again",
                StepResult.rejected(
                        "notify", "OutOfMemory", "the notification needs more memory than " + MEMORY, null));
    }

    private static ObjectNode content(Observed observed, Trigger trigger) {
        var metadata = observed.policy().getMetadata();
        var service = observed.policy().getSpec().target().inferenceService();
        var content = JsonNodeFactory.instance.objectNode();
        content.put(
                "title",
                "DriftPolicy " + metadata.getName() + ": "
                        + trigger.breaches().stream().map(Breach::name).collect(Collectors.joining(", "))
                        + " of InferenceService " + service);
        content.put("severity", "warning");
        content.put("namespace", metadata.getNamespace());
        content.put("policy", metadata.getName());
        content.put("service", service);
        content.put("action", trigger.action());
        content.put("reason", trigger.reason());
        content.put("at", String.valueOf(trigger.at()));
        var report = observed.status().reportUrl();
        if (report != null) {
            content.putArray("links").addObject().put("title", "report").put("url", report);
        }
        var facts = content.putObject("facts");
        modelVersionOf(observed, trigger).ifPresent(version -> facts.put("model version", version));
        if (trigger.revision() != null) {
            facts.put("revision", trigger.revision());
        }
        // What else was asked for: whoever reads this may have to approve it, or need do nothing any more.
        observed.status().triggers().stream()
                .filter(other -> !other.action().equals(trigger.action()))
                .filter(other -> !other.hasEnded() || Objects.equals(other.at(), trigger.at()))
                .forEach(other -> facts.put(
                        other.action(), other.message() == null ? other.state().name() : other.message()));
        return content;
    }

    /** What the revision that is told of serves; it may have been taken back by now. */
    private static Optional<String> modelVersionOf(Observed observed, Trigger trigger) {
        return observed.stable()
                .filter(stable -> stable.revision().equals(trigger.revision()))
                .map(RevisionStatus::modelVersion)
                .or(() -> observed.service() == null || observed.service().getStatus() == null
                        ? Optional.empty()
                        : observed.service().getStatus().history().stream()
                                .filter(outcome -> outcome.revision().equals(trigger.revision()))
                                .map(Outcome::modelVersion)
                                .filter(Objects::nonNull)
                                .findFirst());
    }

    private static String digestOf(Trigger trigger) {
        return Digests.of(trigger.id(), 10);
    }
}
