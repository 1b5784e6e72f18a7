package dev.tatara.steps.join;

import static java.util.stream.Collectors.joining;

import dev.tatara.steps.join.FeatureTable.DataFile;
import dev.tatara.steps.join.FeatureTable.Feature;
import dev.tatara.steps.join.TimeRanges.Range;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.ColumnType;
import dev.tatara.steps.tables.Micros;
import dev.tatara.steps.tables.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The statement that looks one view's features up for every entity row.
 *
 * @param entities the entity rows
 * @param view the view
 * @param columns the columns of the view's files
 * @param defaults whether a feature's default stands in place of a missing value
 */
record ViewSql(EntityTable entities, FeatureTable view, List<Column> columns, boolean defaults) {
    static final String MATCHED = "matched";

    /** A feature's column in the table that {@link #create} makes. */
    static String inner(int feature) {
        return "f" + feature;
    }

    /** Reads all files of a view. */
    static String files(FeatureTable view) {
        return "read_parquet("
                + view.files().stream()
                        .map(file -> Sql.file(file.path()))
                        .distinct()
                        .collect(joining(", ", "[", "]"))
                + ")";
    }

    /**
     * Makes a table with one row for each entity row and in their order: the features {@code f0}, {@code f1} … and
     * whether there was a row of the view.
     */
    String create(String target) {
        return "create table " + target + " as select "
                + features((i, feature) -> value(i, feature) + " as " + inner(i)) + ", coalesce(" + match()
                + ", false) as " + MATCHED + " from (select rowid as n, "
                + keys(i -> ColumnType.fitted(
                                entities.column(view.keys().get(i).column()),
                                entities.type(view.keys().get(i).column()),
                                view.keys().get(i).type())
                        + " as k" + i)
                + ", " + entities.micros() + " as t from " + entities.table() + ") e asof left join ("
                + (view.files().isEmpty() ? nothing() : rows()) + ") v on "
                + IntStream.range(0, view.keys().size())
                        .mapToObj(i -> "e.k" + i + " = v.k" + i)
                        .collect(joining(" and "))
                + " and e.t >= v.t order by e.n";
    }

    private String match() {
        return view.ttl().isZero() ? "v.t is not null" : "v.t >= e.t - " + Micros.of(view.ttl());
    }

    private String value(int index, Feature feature) {
        var inner = "v." + inner(index);
        var valid = view.ttl().isZero() ? inner : "case when " + match() + " then " + inner + " end";
        return defaults && feature.defaultValue() != null
                ? "coalesce(" + valid + ", " + defaultOf(feature) + ")"
                : valid;
    }

    /** A feature's default as a value of its type; NULL where it isn't one. */
    static String defaultOf(Feature feature) {
        return ColumnType.fitted(Sql.text(feature.defaultValue()), "VARCHAR", feature.type());
    }

    /** The view's rows that may matter, at most one of the same keys and time. */
    private String rows() {
        var doubtful = TimeRanges.doubtful(view.files());
        var needed = time() + " is not null" + range(earliest(), latest(), " and ");
        if (doubtful.isEmpty()) {
            return select() + " from " + files(view) + " where " + needed;
        }
        var within = doubtful.stream()
                .map(range -> "(" + time() + " is not null" + range(range.from(), range.to(), " and ") + ")")
                .collect(joining(" or ", "(", ")"));
        var unique = latest(doubtful, needed + " and " + within);
        var everywhere = doubtful.equals(List.of(new Range(Long.MIN_VALUE, Long.MAX_VALUE)));
        return everywhere
                ? unique
                : select() + " from " + files(view) + " where " + needed + " and not " + within + " union all "
                        + unique;
    }

    /** Of the rows of the same keys and time the one created last, of these the one that comes last. */
    private String latest(List<Range> doubtful, String condition) {
        var selects = new ArrayList<String>();
        for (var i = 0; i < view.files().size(); i++) {
            var file = view.files().get(i);
            if (doubtful.stream().anyMatch(Range.of(file)::meets)) {
                selects.add(select() + (view.created() == null ? "" : ", " + Sql.name(view.created()) + " as created")
                        + ", " + i + " as file, " + line(file) + " where " + condition);
            }
        }
        return "select * exclude (" + (view.created() == null ? "" : "created, ") + "file, line) from ("
                + String.join(" union all ", selects) + ") qualify row_number() over (partition by "
                + keys(i -> "k" + i) + ", t order by "
                + (view.created() == null ? "" : "created desc nulls last, ") + "file desc, line desc) = 1";
    }

    private static String line(DataFile file) {
        return file.distinct()
                ? "0 as line from read_parquet(" + Sql.file(file.path()) + ")"
                : "file_row_number as line from read_parquet(" + Sql.file(file.path()) + ", file_row_number = true)";
    }

    private String select() {
        return "select " + keys(i -> Sql.name(view.keys().get(i).column()) + " as k" + i) + ", epoch_us(" + time()
                + ") as t, " + features((i, feature) -> Sql.name(feature.column()) + " as " + inner(i));
    }

    private String nothing() {
        return "select "
                + keys(i -> "null::" + ColumnType.sql(view.keys().get(i).type()) + " as k" + i)
                + ", null::bigint as t, "
                + features((i, feature) -> "null::" + ColumnType.sql(feature.type()) + " as " + inner(i))
                + " where false";
    }

    private long earliest() {
        if (view.ttl().isZero() || entities.minMicros() == null) {
            return Long.MIN_VALUE;
        }
        var ttl = Micros.of(view.ttl());
        return entities.minMicros() < Long.MIN_VALUE + ttl ? Long.MIN_VALUE : entities.minMicros() - ttl;
    }

    private long latest() {
        return entities.maxMicros() == null ? Long.MAX_VALUE : entities.maxMicros();
    }

    /** A condition on the event time in its own type, which files are skipped by. */
    private String range(long from, long to, String before) {
        var conditions = new ArrayList<String>();
        if (from != Long.MIN_VALUE) {
            conditions.add(time() + " >= " + literal(from));
        }
        if (to != Long.MAX_VALUE) {
            conditions.add(time() + " <= " + literal(to));
        }
        return conditions.stream().map(condition -> before + condition).collect(joining());
    }

    private String time() {
        var name = Sql.name(view.eventTime());
        return isPlain() || isZoned() ? name : "cast(" + name + " as timestamp)";
    }

    private String literal(long micros) {
        return (isZoned() ? "make_timestamptz(" : "make_timestamp(") + micros + ")";
    }

    private boolean isPlain() {
        return timeType().equals("TIMESTAMP");
    }

    private boolean isZoned() {
        return timeType().equals("TIMESTAMP WITH TIME ZONE");
    }

    private String timeType() {
        return Column.find(columns, view.eventTime()).map(Column::type).orElse("TIMESTAMP");
    }

    private String keys(KeyText text) {
        return IntStream.range(0, view.keys().size()).mapToObj(text::of).collect(joining(", "));
    }

    private String features(FeatureText text) {
        return IntStream.range(0, view.features().size())
                .mapToObj(i -> text.of(i, view.features().get(i)))
                .collect(joining(", "));
    }

    private interface KeyText {
        String of(int key);
    }

    private interface FeatureText {
        String of(int index, Feature feature);
    }
}
