package dev.tatara.operator.inferenceservice.evaluation;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a step of ours finds out about a candidate, one Job after the other while a stage of its rollout lasts. Pure.
 *
 * @param <D> record of the step's findings
 */
public sealed interface StageEvaluation<D> permits Experiment, LivePerformance {
    InferenceService service();

    /** Tells it from others of the service; a stage that begins again is another. */
    String id();

    /** Time from one evaluation to the next. */
    Duration every();

    /** The step's command. */
    String step();

    /** Name of the Job's container, and what names of Jobs and folders have in them. */
    String name();

    /** What users call it, with its article. */
    String noun();

    /** What its Jobs do. */
    String activity();

    Class<D> details();

    /** What is asked, as the step reads it: of YAML's own types. */
    Object definition();

    /**
     * The step's own arguments.
     *
     * @param definition file with what is asked
     * @param at end of what is looked at
     */
    List<String> arguments(String definition, Instant at);

    /** The folder of an evaluation, below the store. */
    String folder(int number);

    /** What was found comes to this. */
    List<CheckResult> results(D found);

    /** That nothing can be said yet, and why. */
    List<CheckResult> insufficient(String why);

    /** What is said while the next evaluation is under way. */
    List<CheckResult> meanwhile(List<CheckResult> latest);
}
