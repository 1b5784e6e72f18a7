package dev.tatara.operator.steps;

import dev.tatara.operator.kubernetes.Digests;

/** Names of Jobs: they follow from what the Job does, so that it is made once however often it is asked for. */
public final class StepNames {
    private static final int MAX = 63;

    private StepNames() {}

    /** {@code <owner><suffix>}, fit for a label; a long owner's name is cut and told apart by a digest. */
    public static String of(String owner, String suffix) {
        if (owner.length() + suffix.length() <= MAX) {
            return owner + suffix;
        }
        var digest = "-" + Digests.of(owner, 8);
        return owner.substring(0, MAX - suffix.length() - digest.length()) + digest + suffix;
    }
}
