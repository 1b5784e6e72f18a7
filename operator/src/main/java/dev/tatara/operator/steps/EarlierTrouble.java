package dev.tatara.operator.steps;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.contracts.StepResult;
import java.util.Set;

/** What held an attempt up when it was last looked at, as a condition of the status tells. */
public final class EarlierTrouble {
    /** Reasons of attempts that don't get on. */
    private static final Set<String> HELD_UP =
            Set.of(StepReader.IMAGE_PULL_FAILED, "ContainerNotStarted", "Unschedulable", "PodNotCreated");

    private final Condition condition;

    /**
     * Trouble that a condition tells of, if it does.
     *
     * @param condition the one that says how the attempt goes; {@code null} if there is none yet
     */
    public EarlierTrouble(Condition condition) {
        this.condition = condition != null && HELD_UP.contains(condition.reason()) ? condition : null;
    }

    /** What to say of an attempt that is under way. */
    public String messageOf(StepState.Running<?> running) {
        // The kubelet's words about an image change with each of its own retries; the first say as much.
        return condition != null
                        && running.reason().equals(StepReader.IMAGE_PULL_FAILED)
                        && condition.reason().equals(running.reason())
                ? condition.message()
                : running.message();
    }

    /** An attempt's end: one that ran out of time ended for what held it up. */
    public <D> StepResult<D> explain(StepResult<D> result, StepTerms<D> terms) {
        return condition != null && result.reason().equals(terms.timedOut())
                ? StepResult.failed(terms.step(), condition.reason(), condition.message())
                : result;
    }
}
