package dev.tatara.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How a run of kubectl ended.
 *
 * @param exitCode its exit code
 * @param output what it printed, errors included
 */
public record KubectlResult(int exitCode, String output) {
    /** What it printed, once it is sure that it succeeded. */
    public String succeeded() {
        assertThat(exitCode).as(output).isZero();
        return output;
    }

    /** What it printed, once it is sure that it failed. */
    public String failed() {
        assertThat(exitCode).as(output).isNotZero();
        return output;
    }
}
