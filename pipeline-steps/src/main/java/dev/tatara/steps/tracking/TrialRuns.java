package dev.tatara.steps.tracking;

import dev.tatara.api.v1alpha1.trainingjob.Sweep;
import dev.tatara.contracts.Published;
import dev.tatara.mlflow.Limits;
import dev.tatara.mlflow.MlflowClient;
import dev.tatara.mlflow.MlflowException;
import dev.tatara.mlflow.Run;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.training.TrainingProgress;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Records trials as nested runs. A trial's state is written last: whoever is killed in between goes on with those that
 * have none yet.
 */
final class TrialRuns {
    /** Which trial a nested run is. */
    static final String TRIAL_TAG = "tatara.trial";

    /** More nested runs than people look at; the best ones are recorded. */
    static final int MOST = 1000;

    /** Trials whose curves are recorded: each takes two reads of the store. */
    static final int MOST_CURVES = 100;

    private final MlflowClient client;
    private final Run parent;
    private final String namePrefix;
    private final Sweep sweep;
    private final Instant endedAt;
    private final Outputs outputs;
    private final LeftOut leftOut;

    /** What a trial published, read from the store. */
    @FunctionalInterface
    interface Outputs {
        Output of(long trial) throws StepFailure;
    }

    /** A trial's model and curve, where there are any. */
    record Output(Optional<Published> published, Optional<TrainingProgress> progress) {
        static final Output NONE = new Output(Optional.empty(), Optional.empty());
    }

    TrialRuns(
            MlflowClient client,
            Run parent,
            String namePrefix,
            Sweep sweep,
            Instant endedAt,
            Outputs outputs,
            LeftOut leftOut) {
        this.client = client;
        this.parent = parent;
        this.namePrefix = namePrefix;
        this.sweep = sweep;
        this.endedAt = endedAt;
        this.outputs = outputs;
        this.leftOut = leftOut;
    }

    /** The number of nested runs that there are now. */
    int record(List<Trial> ranked) throws MlflowException, StepFailure {
        var known = new HashMap<String, Run>();
        for (var child : client.children(parent)) {
            var trial = child.tags().get(TRIAL_TAG);
            // Two of a trial come about when an answer is lost: the older one counts.
            if (trial != null) {
                known.merge(trial, child, TrialRuns::older);
            }
        }
        var some = ranked.subList(0, Math.min(MOST, ranked.size()));
        if (some.size() < ranked.size()) {
            leftOut.add("%d of %d trials: the best %d are recorded"
                    .formatted(ranked.size() - some.size(), ranked.size(), some.size()));
        }
        for (var i = 0; i < some.size(); i++) {
            var trial = some.get(i);
            var run = known.get(Long.toString(trial.number()));
            if (run == null || !run.status().isEnd()) {
                record(trial, run, i < MOST_CURVES ? outputs.of(trial.number()) : Output.NONE);
            }
        }
        return some.size();
    }

    private static Run older(Run left, Run right) {
        return left.id().compareTo(right.id()) < 0 ? left : right;
    }

    private void record(Trial trial, Run begun, Output output) throws MlflowException {
        var run = begun == null ? client.createRun(parent.experimentId(), parent.startedAt(), tags(trial)) : begun;
        var params = new LinkedHashMap<>(Flattened.of(trial.parameters()));
        params.keySet().removeAll(run.params().keySet());
        var curves = new Curves(parent.startedAt(), Set.of()).trainer(output.progress(), output.published());
        if (sweep != null && sweep.objective() != null) {
            curves.value(sweep.objective().metric(), trial.value());
        }
        client.log(run.id(), params, curves.metrics(), Map.of());
        client.update(run.id(), trial.status(), endedAt);
    }

    private Map<String, String> tags(Trial trial) {
        var tags = new LinkedHashMap<String, String>();
        tags.put(MlflowClient.PARENT_TAG, parent.id());
        tags.put(TRIAL_TAG, Long.toString(trial.number()));
        tags.put(MlflowClient.NAME_TAG, namePrefix + "-trial-" + trial.number());
        tags.put("tatara.trial.state", trial.state());
        if (trial.why() != null) {
            tags.put("tatara.message", Limits.cut(trial.why(), Limits.TAG_VALUE));
        }
        return tags;
    }
}
