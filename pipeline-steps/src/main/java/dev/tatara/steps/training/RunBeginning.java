package dev.tatara.steps.training;

import dev.tatara.steps.Progress;
import java.util.Optional;

/** Who is told that a run begins, besides the artifact store. It never holds a run up. */
@FunctionalInterface
interface RunBeginning {
    /**
     * Tells.
     *
     * @param run the run's folder below the store, which is its identity
     * @return how the run is called there; nothing where that isn't wanted or didn't work
     */
    Optional<Begun> begin(String run, Progress progress);

    /**
     * A run elsewhere.
     *
     * @param runId its identity there
     * @param experimentId what it belongs to
     */
    record Begun(String runId, String experimentId) {}
}
