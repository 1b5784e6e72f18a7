package dev.tatara.operator.trainingjob.run;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.steps.StepNames;
import dev.tatara.operator.steps.StoreAccess;
import java.time.Instant;
import java.util.Map;

/**
 * A run whose definition is frozen.
 *
 * @param job the TrainingJob's own metadata with the specification that the run started with; {@code pvc://} locations
 *     are as users wrote them
 * @param number 1 for the first run
 * @param trigger what asked for it
 * @param startedAt when it started; rows after that are not looked at
 * @param store artifact store of the run
 * @param mlflowRun id of its run in MLflow, {@code null} where there is none
 */
public record TrainingRun(
        TrainingJob job, long number, String trigger, Instant startedAt, StoreAccess store, String mlflowRun) {
    private static final int UID_LENGTH = 8;

    public TrainingJobSpec spec() {
        return job.getSpec();
    }

    public String namespace() {
        return job.getMetadata().getNamespace();
    }

    public String name() {
        return job.getMetadata().getName();
    }

    /** {@code <namespace>/<job>/<number>}: what trainers and MLflow know the run by. */
    public String id() {
        return namespace() + "/" + name() + "/" + number;
    }

    /** Its folder below the store. A TrainingJob that was made again doesn't find the results of its namesake. */
    public String folder() {
        var uid = job.getMetadata().getUid();
        return "runs/" + id() + "-" + uid.substring(0, Math.min(UID_LENGTH, uid.length()));
    }

    /** Key of something in the run's folder. */
    public String key(String path) {
        return folder() + "/" + path;
    }

    /** The same as a URI, as pods see it. */
    public String uri(String path) {
        var root = ClaimUri.mounted(store.uri());
        return (root.endsWith("/") ? root : root + "/") + key(path);
    }

    /** Name of the ConfigMap with the frozen definition. */
    public String definition() {
        return definitionOf(job, number);
    }

    /** Name of the ConfigMap with the frozen definition of a run. */
    public static String definitionOf(TrainingJob job, long number) {
        return StepNames.of(job.getMetadata().getName(), "-run-" + number);
    }

    /** {@code <job>-<number>-<step>-<attempt>}; a long name is cut and told apart by a digest. */
    public String jobName(String step, int attempt) {
        return StepNames.of(name(), "-" + number + "-" + step + "-" + attempt);
    }

    /** Labels of an attempt's objects. */
    public Map<String, String> labels(String application, String step, int attempt) {
        var labels = labels(application);
        labels.put(RunLabels.STEP, step);
        labels.put(AttemptLabels.ATTEMPT, Integer.toString(attempt));
        return labels;
    }

    /** Labels of the run's objects. */
    public Map<String, String> labels(String application) {
        return labelsOf(job, number, application);
    }

    /** Labels of a run's objects. */
    public static Map<String, String> labelsOf(TrainingJob job, long number, String application) {
        var labels = Labels.of(job, application, RunLabels.COMPONENT);
        labels.put(RunLabels.RUN, Long.toString(number));
        return labels;
    }

    /** Rows before that are not looked at; {@code null} where all are. */
    public Instant dataStart() {
        var window = spec().dataset().window();
        return window == null ? null : startedAt.minus(window.toDuration());
    }

    /** Seed for the trainer: the one that divides the rows, else one that is the same in every attempt at the run. */
    public long seed() {
        var split = spec().dataset().split();
        return split != null && split.seed() != null ? split.seed() : number;
    }

    /** The same run once it is known in MLflow. */
    public TrainingRun withMlflowRun(String id) {
        return new TrainingRun(job, number, trigger, startedAt, store, id);
    }
}
