package dev.tatara.steps.tracking;

import dev.tatara.mlflow.Limits;
import dev.tatara.mlflow.MlflowClient;
import dev.tatara.mlflow.MlflowException;
import dev.tatara.mlflow.MlflowException.Kind;
import dev.tatara.mlflow.Run;
import dev.tatara.steps.definitions.Definition;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the record of a run, or begins it. The tag that tells whose record it is comes into being with the record, so
 * whoever is killed in between finds it when it is run again.
 */
final class RunFinder {
    /** Whose record it is. */
    static final String RUN_TAG = "tatara.run";

    private static final int TRIES = 3;

    private final MlflowClient client;
    private final Definition<TrackedParts> job;
    private final String identity;

    RunFinder(MlflowClient client, Definition<TrackedParts> job, String identity) {
        this.client = client;
        this.job = job;
        this.identity = identity;
    }

    /** The experiment's name: as the TrainingJob says, else {@code namespace/name}. */
    String experiment() {
        return job.spec()
                .mlflow()
                .map(mlflow -> mlflow.experiment())
                .filter(Objects::nonNull)
                .orElse(job.namespace() + "/" + job.name());
    }

    /**
     * The run's record.
     *
     * @param id the id that it is said to have; {@code null} where nobody says
     * @param startedAt when it began, for a new one
     */
    Run findOrBegin(String id, Instant startedAt) throws MlflowException {
        if (id != null) {
            var said = said(id);
            if (said.isPresent()) {
                return said.get();
            }
        }
        var experiment = client.experiment(experiment());
        for (var attempt = 1; ; attempt++) {
            var found = client.findRun(experiment, RUN_TAG, identity);
            if (found.isPresent()) {
                return found.get();
            }
            try {
                return client.createRun(experiment, startedAt, tags());
            } catch (MlflowException e) {
                // It may have come into being all the same.
                if (e.kind() != Kind.Unavailable || attempt == TRIES) {
                    throw e;
                }
            }
        }
    }

    private Optional<Run> said(String id) throws MlflowException {
        try {
            return Optional.of(client.run(id))
                    .filter(run ->
                            !run.isDeleted() && identity.equals(run.tags().get(RUN_TAG)));
        } catch (MlflowException e) {
            if (e.kind() == Kind.NotFound) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Map<String, String> tags() {
        var tags = new LinkedHashMap<String, String>();
        tags.put(RUN_TAG, identity);
        tags.put(MlflowClient.NAME_TAG, job.name() + "-" + identity.replaceFirst(".*/", ""));
        tags.put("mlflow.source.type", "JOB");
        tags.put("mlflow.source.name", "TrainingJob " + job.namespace() + "/" + job.name());
        tags.put("mlflow.user", Limits.cut(Objects.requireNonNullElse(job.spec().owner(), "tatara"), Limits.NAME));
        return tags;
    }
}
