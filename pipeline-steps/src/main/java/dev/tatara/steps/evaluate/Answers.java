package dev.tatara.steps.evaluate;

import java.util.List;

/**
 * What a model says of some rows.
 *
 * @param rows how many
 * @param labels one class per row; null where the model gives none
 * @param numbers {@code width} numbers per row; null where the model gives none
 * @param width numbers per row
 * @param classes what the numbers of a row belong to, where the model says so itself; else empty
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
record Answers(int rows, String[] labels, double[] numbers, int width, List<String> classes) {}
