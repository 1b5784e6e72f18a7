package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.RunPhase;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Step;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.steps.StepTerms;
import dev.tatara.operator.trainingjob.run.RunSettings;
import java.time.Duration;

/** How the steps of a run are called, read and spoken of. */
final class StepWords {
    static final String VALIDATE = "validate";
    static final String JOIN = "join";
    static final String TRAIN = "train";
    static final String EVALUATE = "evaluate";
    static final String TRACK = "track";

    private StepWords() {}

    /** The step as names of Jobs and keys in the store have it. */
    static String of(Step step) {
        return switch (step) {
            case Validate -> VALIDATE;
            case Join -> JOIN;
            case Train -> TRAIN;
            case Evaluate, Register -> EVALUATE;
        };
    }

    /** What a run is called while that step is under way. */
    static RunPhase phaseOf(Step step) {
        return switch (step) {
            case Validate -> RunPhase.Validating;
            case Join -> RunPhase.Joining;
            case Train -> RunPhase.Training;
            case Evaluate, Register -> RunPhase.Evaluating;
        };
    }

    /** The step as people say it. */
    static String noun(Step step) {
        return switch (step) {
            case Validate -> "the validation of the data";
            case Join -> "the join of the features";
            case Train -> "the training";
            case Evaluate -> "the evaluation";
            case Register -> "the registration";
        };
    }

    static <D> StepTerms<D> terms(String step, Class<D> details, Duration deadline, RunSettings settings) {
        var name = nameOf(step);
        var noun = nounOf(step);
        return new StepTerms<>(
                step,
                step,
                details,
                settings.step().image(),
                noun,
                activityOf(step),
                underWay(step),
                name + "TimedOut",
                name + "Crashed",
                deadline,
                "the next attempt begins anew; raise the operator's tatara.operator.training.step-deadline if that"
                        + " isn't enough",
                StepResult.rejected(
                        step,
                        "OutOfMemory",
                        noun + " needs more memory than the " + settings.step().memoryLimit() + " it may use; raise the"
                                + " operator's tatara.operator.training.memory-limit",
                        null));
    }

    private static String nounOf(String step) {
        return switch (step) {
            case VALIDATE -> noun(Step.Validate);
            case JOIN -> noun(Step.Join);
            case EVALUATE -> noun(Step.Evaluate);
            default -> "the record in MLflow";
        };
    }

    private static String nameOf(String step) {
        return switch (step) {
            case VALIDATE -> "Validation";
            case JOIN -> "Join";
            case EVALUATE -> "Evaluation";
            default -> "Tracking";
        };
    }

    private static String underWay(String step) {
        return switch (step) {
            case VALIDATE -> "Validating";
            case JOIN -> "Joining";
            case EVALUATE -> "Evaluating";
            default -> "Tracking";
        };
    }

    private static String activityOf(String step) {
        return switch (step) {
            case VALIDATE -> "checks the data";
            case JOIN -> "joins the features and divides the rows";
            case EVALUATE -> "judges the model";
            default -> "records the run in MLflow";
        };
    }
}
