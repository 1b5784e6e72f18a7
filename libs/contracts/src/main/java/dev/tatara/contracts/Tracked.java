package dev.tatara.contracts;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@code track} recorded in MLflow.
 *
 * @param experimentId id of the experiment
 * @param runId id of the run
 * @param registeredModel the registered model that a version was added to; {@code null} where none was
 * @param registeredVersion number of that version in MLflow; {@code null} together with the model
 * @param alias alias that names the version; {@code null} where none does
 * @param trials nested runs
 * @param artifacts files that lie with the run in MLflow
 * @param leftOut what was not recorded, and why, in words; empty where everything was
 */
public record Tracked(
        String experimentId,
        String runId,
        String registeredModel,
        String registeredVersion,
        String alias,
        int trials,
        int artifacts,
        List<String> leftOut) {
    public Tracked {
        Objects.requireNonNull(experimentId, "experimentId");
        Objects.requireNonNull(runId, "runId");
        leftOut = leftOut == null ? List.of() : List.copyOf(leftOut);
    }

    /**
     * The same in fewer bytes: with half of what was left out.
     *
     * @return nothing where only what is always needed is left
     */
    public Optional<Tracked> shorter() {
        return leftOut.isEmpty()
                ? Optional.empty()
                : Optional.of(new Tracked(
                        experimentId,
                        runId,
                        registeredModel,
                        registeredVersion,
                        alias,
                        trials,
                        artifacts,
                        leftOut.subList(0, leftOut.size() / 2)));
    }
}
