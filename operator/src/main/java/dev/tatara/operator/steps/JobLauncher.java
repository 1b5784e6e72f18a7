package dev.tatara.operator.steps;

import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.Owners;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Creates Jobs of steps and what their pods wait for: an attempt once, however often it is asked for. */
public final class JobLauncher {
    /** When to try again what the API server refused: what it minds may be put right meanwhile. */
    public static final Duration AFTER_REFUSAL = Duration.ofSeconds(30);

    /** Why a Job that was due can't be made as things are. */
    public record HeldUp(String reason, String message) {
        /** When to try again. */
        public Instant retryAt(Instant now) {
            return now.plus(AFTER_REFUSAL);
        }
    }

    private final KubernetesClient client;
    private final Applier applier;
    private final String noun;

    /**
     * A launcher of one kind of Job.
     *
     * @param noun what users call what the Jobs do, with its article: {@code the inspection}
     */
    public JobLauncher(KubernetesClient client, Applier applier, String noun) {
        this.client = client;
        this.applier = applier;
        this.noun = noun;
    }

    /**
     * Creates what isn't there, the ConfigMaps before the Jobs whose pods wait for them.
     *
     * @param made told of each Job that is there now, since the informers will see it later
     * @return what holds it up; nothing after that was made
     */
    public Optional<HeldUp> launch(HasMetadata owner, List<ConfigMap> definitions, List<Job> due, Consumer<Job> made) {
        for (var definition : definitions) {
            var refusal = prepare(definition);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        for (var job : due) {
            var heldUp = launch(owner, job, made);
            if (heldUp.isPresent()) {
                return heldUp;
            }
        }
        return Optional.empty();
    }

    /**
     * Creates the Job unless it is there.
     *
     * @param made told of the Job that is there now
     * @return what holds it up
     */
    public Optional<HeldUp> launch(HasMetadata owner, Job job, Consumer<Job> made) {
        try {
            made.accept(client.resource(job).create());
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return e.getCode() == HttpURLConnection.HTTP_CONFLICT
                    ? existing(owner, job, made)
                    : Optional.of(refused("JobRefused", job, e));
        }
    }

    private Optional<HeldUp> prepare(ConfigMap definition) {
        try {
            applier.createOnce(definition);
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return Optional.of(refused("DefinitionRefused", definition, e));
        }
    }

    private Optional<HeldUp> existing(HasMetadata owner, Job job, Consumer<Job> made) {
        var name = job.getMetadata().getName();
        var existing = client.resource(job).get();
        if (existing == null) {
            return Optional.of(new HeldUp("JobNameTaken", "Job " + name + " has just gone; creating it again"));
        }
        if (!Owners.owns(owner, existing)) {
            return Optional.of(new HeldUp(
                    "JobNameTaken",
                    "there is a Job " + name + " that belongs to somebody else; " + noun + " starts when it is gone:"
                            + " kubectl delete job " + name + " -n "
                            + owner.getMetadata().getNamespace()));
        }
        made.accept(existing);
        return Optional.empty();
    }

    private static HeldUp refused(String reason, HasMetadata object, KubernetesClientException e) {
        if (!Applier.isRefusal(e)) {
            throw e;
        }
        return new HeldUp(
                reason,
                "the API server refuses " + object.getKind() + " "
                        + object.getMetadata().getName() + ": " + Applier.messageOf(e));
    }
}
