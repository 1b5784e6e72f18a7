package dev.tatara.operator.trainingjob.train;

import dev.tatara.operator.kubernetes.Digests;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import java.util.Map;
import java.util.regex.Pattern;

/** Names and labels of trainers' Jobs. They follow from what the Job does, so that it is made once. */
final class TrainerNames {
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
        var labels = TrainingRun.labelsOf(run.job(), run.number(), "tatara-steps");
        labels.put(RunLabels.STEP, stepOf(run));
        labels.put(AttemptLabels.ATTEMPT, Integer.toString(run.attempt()));
        if (run.trial() != null) {
            labels.put(RunLabels.TRIAL, Integer.toString(run.trial().number()));
        }
        return labels;
    }

    private static String stepOf(TrainerRun run) {
        return run.trial() == null ? "train" : "trial";
    }
}
