package dev.tatara.steps.tracking;

import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.Tracked;
import dev.tatara.mlflow.MlflowClient;
import dev.tatara.mlflow.MlflowException;
import dev.tatara.mlflow.MlflowSettings;
import dev.tatara.steps.Step;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.Definition;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Records a run that is over in MLflow. Every write is looked for before it is made, or is the same when made twice, so
 * that it can be killed at any of them and run again.
 */
final class TrackStep implements Step<Tracked> {
    static final String NAME = "track";

    private final TrackOptions options;
    private final UnaryOperator<MlflowSettings> patience;

    TrackStep(TrackOptions options) {
        this(options, UnaryOperator.identity());
    }

    /** A step with other time-outs and retries. */
    TrackStep(TrackOptions options, UnaryOperator<MlflowSettings> patience) {
        this.options = options;
        this.patience = patience;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Class<Tracked> detailsType() {
        return Tracked.class;
    }

    @Override
    public StepResult<Tracked> run(StepContext context) throws StepFailure, IOException {
        var job = Definition.read(options.job(), "TrainingJob", TrackedParts.class);
        if (job.spec().mlflow().isEmpty()) {
            throw StepFailure.rejected(
                    Reasons.INVALID_DEFINITION,
                    "spec.tracking.mlflow is missing in %s: say where the run is to be recorded"
                            .formatted(options.job()));
        }
        var leftOut = new LeftOut(context.progress());
        var folder = RunFolder.uri(options.run(), context.storeUri());
        var results = RunResults.read(context.store(), folder, leftOut);
        var trials = options.trials() == null ? List.<Trial>of() : Trial.read(options.trials());
        try (var client = MlflowClient.open(settings(job.spec()))) {
            var tracked = new Recording(client, job, options, folder, context, leftOut).record(results, trials);
            return StepResult.succeeded(NAME, message(job.spec(), tracked), tracked);
        } catch (MlflowException e) {
            throw Reasons.of(e);
        }
    }

    private MlflowSettings settings(TrackedParts spec) throws MlflowException {
        var name = options.secretName() == null ? spec.secretName() : options.secretName();
        return patience.apply(
                MlflowSettings.of(spec.mlflow().orElseThrow().uri()).withCredentials(options.credentials(), name));
    }

    private static String message(TrackedParts spec, Tracked tracked) {
        var message = new StringBuilder("recorded as run %s in experiment %s of MLflow at %s"
                .formatted(
                        tracked.runId(),
                        tracked.experimentId(),
                        spec.mlflow().orElseThrow().uri()));
        if (tracked.trials() > 0) {
            message.append(", with %d trials".formatted(tracked.trials()));
        }
        if (tracked.registeredVersion() != null) {
            message.append("; registered as version %s of %s"
                    .formatted(tracked.registeredVersion(), tracked.registeredModel()));
        }
        if (!tracked.leftOut().isEmpty()) {
            message.append("; left out: ").append(String.join("; ", tracked.leftOut()));
        }
        return message.toString();
    }

    /** What is in MLflow is MLflow's: whoever deletes it there means it. */
    @Override
    public boolean stillHolds(StepResult<Tracked> earlier, StepContext context) {
        return true;
    }

    @Override
    public Optional<Tracked> shorter(Tracked details) {
        return details.shorter();
    }
}
