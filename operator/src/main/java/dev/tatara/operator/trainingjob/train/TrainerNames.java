package dev.tatara.operator.trainingjob.train;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.operator.kubernetes.Digests;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.regex.Pattern;

/** Names and labels of trainers' Jobs. They follow from what the Job does, so that it is made once. */
final class TrainerNames {
    static final String APPLICATION = "tatara-steps";
    static final String COMPONENT = "training";
    static final String RUN = Labels.GROUP + "/run";
    static final String STEP = Labels.GROUP + "/step";
    static final String ATTEMPT = Labels.GROUP + "/attempt";
    static final String TRIAL = Labels.GROUP + "/trial";

    /** Pods are called like their Job with a number behind it, up to {@code -1023}; that must fit a host's name. */
    private static final int MAX = 58;

    private static final int DIGEST = 8;
    /** What a Service may be called, and a host. */
    private static final Pattern HOST = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");

    private TrainerNames() {}

    /** {@code <job>-<run>-train-<attempt>} or {@code <job>-<run>-trial-<number>-<attempt>}. */
    static String jobName(TrainerRun run) {
        var suffix = "-" + run.number() + "-" + stepOf(run)
                + (run.trial() == null ? "" : "-" + run.trial().number())
                + "-" + run.attempt();
        var owner = run.job().getMetadata().getName();
        if (run.replicas() > 1 && !HOST.matcher(owner).matches()) {
            return "training-" + Digests.of(owner, DIGEST) + suffix;
        }
        if (owner.length() + suffix.length() <= MAX) {
            return owner + suffix;
        }
        var digest = "-" + Digests.of(owner, DIGEST);
        return owner.substring(0, MAX - suffix.length() - digest.length()) + digest + suffix;
    }

    static Map<String, String> labels(TrainerRun run) {
        var labels = Labels.of(run.job(), APPLICATION, COMPONENT);
        labels.put(RUN, Long.toString(run.number()));
        labels.put(STEP, stepOf(run));
        labels.put(ATTEMPT, Integer.toString(run.attempt()));
        if (run.trial() != null) {
            labels.put(TRIAL, Integer.toString(run.trial().number()));
        }
        return labels;
    }

    /** Labels of something that belongs to a run as a whole. */
    static Map<String, String> labels(TrainingJob job, long run) {
        var labels = Labels.of(job, APPLICATION, COMPONENT);
        labels.put(RUN, Long.toString(run));
        return labels;
    }

    /** A number among the labels; 0 if there is none. */
    static long number(HasMetadata object, String key) {
        var labels = object.getMetadata().getLabels();
        var label = labels == null ? null : labels.get(key);
        return label != null && label.matches("\\d{1,9}") ? Long.parseLong(label) : 0;
    }

    private static String stepOf(TrainerRun run) {
        return run.trial() == null ? "train" : "trial";
    }
}
