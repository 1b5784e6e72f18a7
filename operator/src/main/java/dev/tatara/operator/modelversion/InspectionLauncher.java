package dev.tatara.operator.modelversion;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.Owners;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/** Creates inspection Jobs: an attempt once, however often it is asked for. */
final class InspectionLauncher {
    /** What became of a Job that was due. */
    sealed interface Launch {
        /** The attempt's Job is there, made now or before. */
        record Running(Job job) implements Launch {}

        /** The Job can't be made as things are. */
        record HeldUp(String reason, String message) implements Launch {}
    }

    private final KubernetesClient client;

    InspectionLauncher(KubernetesClient client) {
        this.client = client;
    }

    Launch launch(ModelVersion version, Job job) {
        try {
            return new Launch.Running(client.resource(job).create());
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return existing(version, job);
            }
            if (Applier.isRefusal(e)) {
                return new Launch.HeldUp(
                        "JobRefused",
                        "the API server refuses Job " + job.getMetadata().getName() + ": " + Applier.messageOf(e));
            }
            throw e;
        }
    }

    private Launch existing(ModelVersion version, Job job) {
        var name = job.getMetadata().getName();
        var existing = client.resource(job).get();
        if (existing == null) {
            return new Launch.HeldUp("JobNameTaken", "Job " + name + " has just gone; creating it again");
        }
        return Owners.owns(version, existing)
                ? new Launch.Running(existing)
                : new Launch.HeldUp(
                        "JobNameTaken",
                        "there is a Job " + name + " that belongs to somebody else; the inspection starts when it is"
                                + " gone: kubectl delete job " + name + " -n "
                                + version.getMetadata().getNamespace());
    }
}
