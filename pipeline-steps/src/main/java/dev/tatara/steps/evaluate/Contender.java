package dev.tatara.steps.evaluate;

import dev.tatara.api.v1alpha1.modelversion.Task;
import dev.tatara.steps.StepFailure;
import java.util.function.Supplier;

/**
 * A model with what it answered so far.
 *
 * @param runner runs it
 * @param reader reads its outputs
 * @param task what it is judged as
 * @param fresh a judgement of no rows
 * @param judged the judgement of the rows so far
 */
record Contender(ModelRunner runner, AnswerReader reader, Task task, Supplier<Judged> fresh, Judged judged) {
    Contender(ModelRunner runner, AnswerReader reader, Task task, Supplier<Judged> fresh) {
        this(runner, reader, task, fresh, fresh.get());
    }

    /** Runs it on a batch and adds what it answers. */
    Answers answers(Batch batch, int labelColumn) throws StepFailure {
        var answers = runner.run(batch);
        check(answers);
        judged.add(batch, labelColumn, answers);
        return answers;
    }

    private void check(Answers answers) throws StepFailure {
        if (task == Task.Regression && answers.width() != 1) {
            throw StepFailure.rejected(
                    Reasons.UNSUPPORTED_MODEL,
                    "the model's output %s has %d numbers for a row; metrics of regression need one: export the model with one answer, or ask for metrics of classification (accuracy, f1, …)"
                            .formatted(reader.numberOutput(), answers.width()));
        }
        if (task == Task.Classification && answers.labels() == null && answers.width() == 1) {
            for (var number : answers.numbers()) {
                if (number < 0 || number > 1) {
                    throw StepFailure.rejected(
                            Reasons.UNSUPPORTED_MODEL,
                            "the model's only number for a row is %s, no probability from 0 to 1: export it with a sigmoid or with labels, or ask for metrics of regression (mae, rmse, r2)"
                                    .formatted(GateJudge.shown(number)));
                }
            }
        }
    }
}
