package dev.tatara.steps.evaluate;

import java.util.function.IntPredicate;

/** What a model answered to rows whose labels are known. */
sealed interface Judged permits JudgedClasses, JudgedNumbers {
    IntPredicate ALL = row -> true;

    /** Rows so far. */
    int rows();

    /** Adds rows, with the column that holds their labels. */
    void add(Batch batch, int labelColumn, Answers answers);

    /** A metric over the rows that a condition holds for. */
    Figure figure(Metric metric, IntPredicate rows);

    /**
     * The share of rows to which two runs answer the same.
     *
     * @param one what this model answers
     * @param other what the same or another model answers to the same rows
     * @param othersJudgement knows the other model's classes
     */
    double agreement(Answers one, Answers other, Judged othersJudgement);
}
