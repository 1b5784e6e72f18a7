package dev.tatara.operator.steps;

import dev.tatara.contracts.StepResult;
import java.time.Duration;

/**
 * What is particular to one step when its Job is read: its names, its bounds and the words that say so.
 *
 * @param step the command
 * @param container name of the container that runs it
 * @param details record of its findings
 * @param image image of that container
 * @param noun what users call it, with its article: {@code the inspection}
 * @param activity what its Job does: {@code inspects the file}
 * @param underWay reason while it goes on as it should
 * @param timedOut reason when its Job ran into {@code deadline}
 * @param crashed reason when its process ended without a result
 * @param deadline how long its Job may take
 * @param afterTimeOut what to do when that wasn't enough
 * @param outOfMemory its result when it needed more memory than it may use
 * @param <D> record of its findings
 */
public record StepTerms<D>(
        String step,
        String container,
        Class<D> details,
        String image,
        String noun,
        String activity,
        String underWay,
        String timedOut,
        String crashed,
        Duration deadline,
        String afterTimeOut,
        StepResult<D> outOfMemory) {}
