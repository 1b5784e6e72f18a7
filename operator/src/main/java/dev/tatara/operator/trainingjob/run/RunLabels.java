package dev.tatara.operator.trainingjob.run;

import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;

/** Labels of a run's objects, by which a run finds them again. */
public final class RunLabels {
    public static final String COMPONENT = "training";
    /** Selects the Jobs, pods, ConfigMaps and Services of runs. */
    public static final String SELECTOR = Labels.MANAGED_SELECTOR + ",app.kubernetes.io/component=" + COMPONENT;

    /** Number of the run. */
    public static final String RUN = Labels.GROUP + "/run";
    /** Which step a Job is an attempt at, in lower case. */
    public static final String STEP = Labels.GROUP + "/step";
    /** Number of the trial, in a sweep. */
    public static final String TRIAL = Labels.GROUP + "/trial";

    private RunLabels() {}

    /** Which run an object belongs to; 0 if it doesn't say. */
    public static long runOf(HasMetadata object) {
        return Labels.number(object, RUN);
    }

    /** Which trial of a sweep an object belongs to; 0: none. */
    public static int trialOf(HasMetadata object) {
        return Labels.number(object, TRIAL);
    }

    /** Whether a Job is an attempt at this step. */
    public static boolean isOf(Job job, String step) {
        return step.equals(job.getMetadata().getLabels().get(STEP));
    }
}
