package dev.tatara.steps.join;

import static java.util.stream.Collectors.joining;

import dev.tatara.api.v1alpha1.trainingjob.Dataset;
import dev.tatara.api.v1alpha1.trainingjob.Dataset.Split.By;
import java.util.List;
import java.util.Objects;

/**
 * Divides entity rows for training, validation and test; the same rows in the same order are always divided alike.
 *
 * <ul>
 *   <li>Random: by a digest of seed and row number.
 *   <li>Stratified: the same within each class, so that each part has its share of it within one row.
 *   <li>Time: the latest rows are the test, those before them the validation. Rows without a time are the oldest.
 * </ul>
 *
 * <p>Rows with the same keys and the same time are one observation and stay together, so that the test holds nothing
 * that was trained on; so do, by time, all rows of the same time. A part may then be larger than its share by such a
 * group.
 *
 * @param by how
 * @param test share of the test, 0 to 1
 * @param validation share of the validation, 0 to 1
 * @param seed changes who goes where, by Random and Stratified
 * @param keys columns that say, with the time, which rows are one observation; none: each row is its own
 * @param label column with the class; needed by Stratified alone
 */
record Split(By by, double test, double validation, long seed, List<String> keys, String label) {
    /** The table that tells each entity row's part, in the entities' order. */
    static final String TABLE = "parts";

    private static final double TEST = 0.2;
    private static final double VALIDATION = 0.1;

    Split {
        Objects.requireNonNull(by, "by");
        keys = List.copyOf(keys);
        if (!(test >= 0 && validation >= 0 && test + validation < 1)) {
            throw new IllegalArgumentException(
                    "expected shares from 0 whose sum is below 1, found test %s and validation %s"
                            .formatted(test, validation));
        }
    }

    /** Where a row goes. */
    enum Part {
        TRAIN("train", 0),
        VALIDATION("validation", 1),
        TEST("test", 2);

        private final String text;
        private final int code;

        Part(String text, int code) {
            this.text = text;
            this.code = code;
        }

        /** The name of its file, without the ending. */
        String text() {
            return text;
        }

        int code() {
            return code;
        }
    }

    /** What a TrainingJob asks for, with the API's defaults for what it leaves open. */
    static Split of(Dataset.Split wanted, List<String> keys, String label) {
        if (wanted == null) {
            return new Split(By.Random, TEST, VALIDATION, 0, keys, label);
        }
        return new Split(
                wanted.by() == null ? By.Random : wanted.by(),
                wanted.test() == null ? TEST : wanted.test(),
                wanted.validation() == null ? VALIDATION : wanted.validation(),
                wanted.seed() == null ? 0 : wanted.seed(),
                keys,
                label);
    }

    /** Whether rows are wanted in a part. */
    boolean wants(Part part) {
        return switch (part) {
            case TRAIN -> true;
            case VALIDATION -> validation > 0;
            case TEST -> test > 0;
        };
    }

    /** Makes the table {@link #TABLE}, with a column {@code part}. */
    String create(EntityTable entities) {
        var ranked =
                switch (by) {
                    case Random ->
                        "select n, rank() over (order by " + draw() + ") as r, count(*) over () as size"
                                + " from (select rowid as n, " + group(entities) + " as g from " + entities.table()
                                + ")";
                    case Stratified ->
                        "select n, rank() over (partition by y order by " + draw()
                                + ") as r, count(*) over (partition by y) as size from (select rowid as n, "
                                + group(entities) + " as g, " + label(entities) + " as y from " + entities.table()
                                + ")";
                    case Time ->
                        "select n, rank() over (order by t desc nulls last) as r, count(*) over () as size"
                                + " from (select rowid as n, " + entities.micros() + " as t from " + entities.table()
                                + ")";
                };
        // The end of the validation is rounded, not its length: so each part is within one row of its share.
        return "create table " + TABLE + " as select case when r <= round(size * " + test + "::double) then "
                + Part.TEST.code() + " when r <= round(size * " + (test + validation) + "::double) then "
                + Part.VALIDATION.code() + " else " + Part.TRAIN.code() + " end::utinyint as part from (" + ranked
                + ") order by n";
    }

    private String draw() {
        return "md5_number('" + seed + ":' || g), g";
    }

    /** The number of the first row of the same observation. */
    private String group(EntityTable entities) {
        return keys.isEmpty() || entities.time() == null
                ? "rowid"
                : "case when " + observed(entities) + " then min(rowid) over (partition by " + observation(entities)
                        + ") else rowid end";
    }

    /** The class of an observation is that of its first row. */
    private String label(EntityTable entities) {
        var column = entities.column(label);
        return keys.isEmpty() || entities.time() == null
                ? column
                : "case when " + observed(entities) + " then first_value(" + column + ") over (partition by "
                        + observation(entities) + " order by rowid) else " + column + " end";
    }

    private String observed(EntityTable entities) {
        return keys.stream()
                        .map(key -> entities.column(key) + " is not null and ")
                        .collect(joining())
                + entities.column(entities.time()) + " is not null";
    }

    private String observation(EntityTable entities) {
        return keys.stream().map(entities::column).collect(joining(", ")) + ", " + entities.column(entities.time());
    }
}
