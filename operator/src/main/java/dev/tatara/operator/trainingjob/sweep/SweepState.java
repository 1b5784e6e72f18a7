package dev.tatara.operator.trainingjob.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.Published;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.steps.StepState.Ended;
import dev.tatara.operator.steps.StepState.Running;
import dev.tatara.operator.trainingjob.run.RunLabels;
import dev.tatara.operator.trainingjob.train.TrainerJob;
import dev.tatara.operator.trainingjob.train.TrainerLog;
import dev.tatara.operator.trainingjob.train.TrainerLogs;
import dev.tatara.operator.trainingjob.train.TrainerReader;
import dev.tatara.operator.trainingjob.train.TrainerSettings;
import dev.tatara.operator.trainingjob.train.TrainerState;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * Everything that a decision about a sweep rests on.
 *
 * @param spec the specification that the run started with
 * @param seed of the search
 * @param ledger what is remembered
 * @param attempts the trials' Jobs
 */
public record SweepState(TrainingJobSpec spec, long seed, Ledger ledger, List<TrialAttempt> attempts) {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    public SweepState {
        attempts = List.copyOf(attempts);
    }

    /**
     * Reads what is in the cluster.
     *
     * @param frozen with the specification that the run started with
     * @param run number of the run
     * @param seed of the run; the sweep's own goes before it
     * @param ledger {@code null} where there is none yet
     * @param jobs at least the run's trials; others are passed over
     * @param pods at least theirs; others are passed over
     */
    public static SweepState observe(
            TrainingJob frozen,
            long run,
            long seed,
            ConfigMap ledger,
            Collection<Job> jobs,
            Collection<Pod> pods,
            TrainerSettings settings,
            TrainerLogs logs,
            Instant now) {
        var sweep = frozen.getSpec().sweep();
        var attempts = jobs.stream()
                .filter(job -> RunLabels.runOf(job) == run && RunLabels.trialOf(job) > 0)
                .map(job -> attempt(frozen.getSpec(), job, TrainerReader.read(job, pods, settings, now), logs))
                .toList();
        return new SweepState(
                frozen.getSpec(), sweep.seed() == null ? seed : sweep.seed(), LedgerMap.read(ledger), attempts);
    }

    private static TrialAttempt attempt(TrainingJobSpec spec, Job job, TrainerState state, TrainerLogs logs) {
        return new TrialAttempt(
                RunLabels.trialOf(job),
                AttemptLabels.attemptOf(job),
                parameters(job),
                job,
                state,
                log(spec, state, logs));
    }

    /** The log is read only where somebody wants to know what it says. */
    private static TrainerLog log(TrainingJobSpec spec, TrainerState state, TrainerLogs logs) {
        var metric = spec.sweep().objective().metric();
        var compares = medianStop(spec);
        if (state.logPod() == null) {
            return null;
        }
        return switch (state.step()) {
            case Running<Published> running ->
                compares ? logs.latest(state.logPod(), metric).orElse(null) : null;
            case Ended<Published> ended -> {
                var result = ended.result();
                var isWanted = result.outcome() == Outcome.Succeeded
                        && (compares || !result.details().metrics().containsKey(metric));
                yield isWanted ? logs.last(state.logPod(), metric).orElse(null) : null;
            }
        };
    }

    static boolean medianStop(TrainingJobSpec spec) {
        return spec.sweep().earlyStopping() != null
                && spec.sweep().earlyStopping().medianStop() != null;
    }

    private static ObjectNode parameters(Job job) {
        var annotations = job.getMetadata().getAnnotations();
        var text = annotations == null ? null : annotations.get(TrainerJob.PARAMETERS);
        try {
            return text != null && JSON.readTree(text) instanceof ObjectNode parameters ? parameters : null;
        } catch (JsonProcessingException e) {
            // Somebody changed it; the ledger knows too.
            return null;
        }
    }
}
