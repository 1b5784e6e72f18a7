package dev.tatara.operator.steps;

import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.Owners;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/** Creates Jobs of steps: an attempt once, however often it is asked for. */
public final class JobLauncher {
    /** What became of a Job that was due. */
    public sealed interface Launch {
        /** The attempt's Job is there, made now or before. */
        record Running(Job job) implements Launch {}

        /** The Job can't be made as things are. */
        record HeldUp(String reason, String message) implements Launch {}
    }

    private final KubernetesClient client;
    private final String noun;

    /**
     * A launcher of one kind of Job.
     *
     * @param noun what users call what the Jobs do, with its article: {@code the inspection}
     */
    public JobLauncher(KubernetesClient client, String noun) {
        this.client = client;
        this.noun = noun;
    }

    /** Creates the Job unless it is there. */
    public Launch launch(HasMetadata owner, Job job) {
        try {
            return new Launch.Running(client.resource(job).create());
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return existing(owner, job);
            }
            if (Applier.isRefusal(e)) {
                return new Launch.HeldUp(
                        "JobRefused",
                        "the API server refuses Job " + job.getMetadata().getName() + ": " + Applier.messageOf(e));
            }
            throw e;
        }
    }

    private Launch existing(HasMetadata owner, Job job) {
        var name = job.getMetadata().getName();
        var existing = client.resource(job).get();
        if (existing == null) {
            return new Launch.HeldUp("JobNameTaken", "Job " + name + " has just gone; creating it again");
        }
        return Owners.owns(owner, existing)
                ? new Launch.Running(existing)
                : new Launch.HeldUp(
                        "JobNameTaken",
                        "there is a Job " + name + " that belongs to somebody else; " + noun + " starts when it is"
                                + " gone: kubectl delete job " + name + " -n "
                                + owner.getMetadata().getNamespace());
    }
}
