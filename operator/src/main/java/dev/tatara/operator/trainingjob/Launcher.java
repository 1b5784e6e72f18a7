package dev.tatara.operator.trainingjob;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.steps.JobLauncher;
import dev.tatara.operator.trainingjob.plan.Decision;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.sweep.LedgerMap;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Carries out what was decided about a training, in an order in which it can be interrupted anywhere. */
final class Launcher {
    /** With the version that was observed as a precondition. */
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient client;
    private final Applier applier;
    private final JobLauncher jobs;

    /** Why something couldn't be made. */
    private sealed interface Trouble {
        /** As things are it can't be. */
        record HeldUp(HasMetadata object, String reason, String message) implements Trouble {}

        /** Something has changed since it was decided. */
        record Outdated() implements Trouble {}
    }

    Launcher(KubernetesClient client, Applier applier) {
        this.client = client;
        this.applier = applier;
        this.jobs = new JobLauncher(client, applier, "the step");
    }

    /**
     * Carries out a decision.
     *
     * @param known the ConfigMap of a name as it was when it was decided
     * @param made told of each object that is there now, since the informers will see it later
     * @return the decision, or what it comes to where something couldn't be made; empty where it was made upon what is no
     *     longer so
     */
    Optional<Decision> carryOut(
            TrainingJob job,
            Decision decision,
            Function<String, Optional<ConfigMap>> known,
            Consumer<HasMetadata> made,
            Instant now) {
        var trouble = forgotten(job, decision, known, made).or(() -> make(job, decision, made));
        if (trouble.isPresent() && trouble.get() instanceof Trouble.Outdated) {
            return Optional.empty();
        }
        decision.obsolete().forEach(applier::delete);
        if (trouble.isPresent() && trouble.get() instanceof Trouble.HeldUp heldUp) {
            var retryAt = now.plus(JobLauncher.AFTER_REFUSAL);
            return Optional.of(
                    decision.isDefinition(heldUp.object())
                            ? decision.notBegun(heldUp.reason(), heldUp.message(), retryAt)
                            : decision.heldUp(heldUp.reason(), heldUp.message(), retryAt));
        }
        return Optional.of(decision);
    }

    /**
     * A trial is made upon what the sweep remembers. Where that isn't written anew, which would fail if it were an old
     * state, it is compared: a trial that ended meanwhile has no Job any more, and would be made twice.
     */
    private Optional<Trouble> forgotten(
            TrainingJob job,
            Decision decision,
            Function<String, Optional<ConfigMap>> known,
            Consumer<HasMetadata> made) {
        if (decision.memory() != null || decision.create().stream().noneMatch(Launcher::isTrial)) {
            return Optional.empty();
        }
        var name = LedgerMap.nameOf(job, decision.activeRun());
        var latest = client.configMaps()
                .inNamespace(job.getMetadata().getNamespace())
                .withName(name)
                .get();
        if (Objects.equals(versionOf(latest), versionOf(known.apply(name).orElse(null)))) {
            return Optional.empty();
        }
        if (latest != null) {
            made.accept(latest);
        }
        return Optional.of(new Trouble.Outdated());
    }

    private static boolean isTrial(HasMetadata object) {
        return object instanceof Job && RunLabels.trialOf(object) > 0;
    }

    private static String versionOf(ConfigMap map) {
        return map == null ? null : map.getMetadata().getResourceVersion();
    }

    private Optional<Trouble> make(TrainingJob job, Decision decision, Consumer<HasMetadata> made) {
        if (decision.memory() != null) {
            var trouble = remember(decision.memory(), made);
            if (trouble.isPresent()) {
                return trouble;
            }
        }
        for (var object : decision.create()) {
            var trouble = object instanceof Job attempt ? launch(job, attempt, made) : create(job, object, made);
            if (trouble.isPresent()) {
                return trouble;
            }
        }
        return decision.register() == null ? Optional.empty() : register(decision.register(), made);
    }

    private Optional<Trouble> launch(TrainingJob owner, Job attempt, Consumer<HasMetadata> made) {
        return jobs.launch(owner, attempt, made::accept)
                .map(heldUp -> new Trouble.HeldUp(attempt, heldUp.reason(), heldUp.message()));
    }

    private Optional<Trouble> create(TrainingJob owner, HasMetadata object, Consumer<HasMetadata> made) {
        try {
            made.accept(client.resource(object).create());
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return existing(owner, object, made);
            }
            return refused(object, e);
        }
    }

    private Optional<Trouble> existing(TrainingJob owner, HasMetadata object, Consumer<HasMetadata> made) {
        var existing = client.resource(object).get();
        if (existing != null && Owners.owns(owner, existing)) {
            made.accept(existing);
            return Optional.empty();
        }
        return Optional.of(new Trouble.HeldUp(
                object,
                "NameTaken",
                "there is a " + nameOf(object) + " that belongs to somebody else; the run goes on when it is gone"));
    }

    /** A sweep's memory is the one object that is changed: by whom has seen its last state, and by nobody else. */
    private Optional<Trouble> remember(ConfigMap memory, Consumer<HasMetadata> made) {
        try {
            var isNew = memory.getMetadata().getResourceVersion() == null;
            made.accept(
                    isNew
                            ? client.resource(memory).create()
                            : client.resource(memory).patch(MERGE));
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return Optional.of(new Trouble.Outdated());
            }
            return refused(memory, e);
        }
    }

    private Optional<Trouble> register(ModelVersion version, Consumer<HasMetadata> made) {
        try {
            made.accept(client.resource(version).create());
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                var existing = client.resource(version).get();
                if (existing != null) {
                    // This run's own, or another's that was faster: the next look tells.
                    made.accept(existing);
                }
                return Optional.of(new Trouble.Outdated());
            }
            return refused(version, e);
        }
    }

    private static Optional<Trouble> refused(HasMetadata object, KubernetesClientException e) {
        if (!Applier.isRefusal(e)) {
            throw e;
        }
        return Optional.of(new Trouble.HeldUp(
                object,
                object.getKind() + "Refused",
                "the API server refuses " + nameOf(object) + ": " + Applier.messageOf(e)));
    }

    private static String nameOf(HasMetadata object) {
        return object.getKind() + " " + object.getMetadata().getName();
    }
}
