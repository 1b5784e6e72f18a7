package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.ActiveRun;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.SweepStatus;
import dev.tatara.operator.kubernetes.News.Notice;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.List;

/**
 * What to do about the run that is under way, and what to say about it.
 *
 * @param activity what is going on
 * @param run the run as the status shall have it
 * @param active how far it is; {@code null} when it is over
 * @param sweep where its sweep stands; {@code null} without one
 * @param memory what a sweep remembers, to be written before anything else; {@code null} if that is unchanged
 * @param create objects to make, in this order
 * @param register the version to register; {@code null} if none is due
 * @param delete objects that are over
 * @param news what happened
 * @param wakeAt when to decide again if nothing happens before
 */
record Look(
        Activity activity,
        Run run,
        ActiveRun active,
        SweepStatus sweep,
        ConfigMap memory,
        List<HasMetadata> create,
        ModelVersion register,
        List<HasMetadata> delete,
        List<Notice<TrainingJobEvent>> news,
        Instant wakeAt) {
    Look {
        create = List.copyOf(create);
        delete = List.copyOf(delete);
        news = List.copyOf(news);
    }
}
