package dev.tatara.steps.checks;

import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.contracts.CheckVerdict;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.tables.Column;
import dev.tatara.steps.tables.ColumnType;
import dev.tatara.steps.tables.Micros;
import dev.tatara.steps.tables.Sql;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Makes rules of checks. A bound is the last good value. */
final class Rules {
    private final CheckedTable table;

    Rules(CheckedTable table) {
        this.table = table;
    }

    Rule of(DataCheck check) throws StepFailure {
        return switch (check.type()) {
            case NullRatio -> nullRatio(check, needed(check));
            case Schema -> schema(check);
            case Range -> range(check, numeric(check));
            case DuplicateRatio -> duplicateRatio(check);
            case Freshness -> freshness(check);
            case Mean -> mean(check, numeric(check));
            case UniqueRatio -> uniqueRatio(check, needed(check));
            case RowCount -> rowCount(check);
            case InSet -> inSet(check, scalar(check));
            case Regex -> regex(check, scalar(check));
        };
    }

    private Rule nullRatio(DataCheck check, Column column) throws StepFailure {
        var max = bound(check, "max", check.max());
        return new Rule(
                check,
                List.of("count(*) - count(" + Sql.name(column.name()) + ")"),
                (rows, figures) -> share(check, figures.getFirst(), rows, max));
    }

    private Rule duplicateRatio(DataCheck check) throws StepFailure {
        var max = bound(check, "max", check.max());
        var columns = check.column() == null
                ? table.identity()
                : List.of(needed(check).name());
        if (columns.isEmpty()) {
            throw invalid(check, "the table has no keys: name a column");
        }
        return new Rule(
                check,
                List.of("count(*) - count(distinct row(" + Sql.names(columns) + "))"),
                (rows, figures) -> share(check, figures.getFirst(), rows, max));
    }

    private Rule schema(DataCheck check) {
        var violations = table.schemaViolations().size();
        return new Rule(
                check,
                List.of(),
                (rows, figures) -> Rule.verdict(check, violations == 0, (double) violations, 0.0, (long) violations));
    }

    private Rule range(DataCheck check, Column column) throws StepFailure {
        bounded(check);
        var value = Sql.name(column.name()) + "::double";
        // NaN is above every number for DuckDB, and isn't within bounds however wide they are.
        var low = check.min() == null ? "false" : value + " < " + literal(check.min());
        var high = check.max() == null ? "false" : value + " > " + literal(check.max());
        var worse = "(" + low + " or " + high + " or isnan(" + value + "))";
        return new Rule(
                check,
                List.of(
                        "count(" + value + ")",
                        "count(*) filter (where " + worse + ")",
                        "count(*) filter (where " + low + ")",
                        "min(" + value + ")",
                        "max(" + value + ")"),
                (rows, figures) -> {
                    var below = count(figures.get(2)) > 0;
                    var threshold = below || check.max() == null ? check.min() : check.max();
                    if (count(figures.getFirst()) == 0) {
                        return Rule.insufficient(check, threshold);
                    }
                    var violations = count(figures.get(1));
                    var extreme = below || check.max() == null ? figures.get(3) : figures.get(4);
                    var told = table.sensitive().contains(column.name()) ? null : extreme;
                    return Rule.verdict(check, violations == 0, told, threshold, violations);
                });
    }

    private Rule freshness(DataCheck check) throws StepFailure {
        if (check.maxAge() == null) {
            throw invalid(check, "it needs maxAge, for example 1h");
        }
        var column =
                check.column() == null ? table.timestampColumn() : needed(check).name();
        if (column == null) {
            throw invalid(check, "the table has no event time: name a column");
        }
        var isEventTime = column.equals(table.timestampColumn());
        if (!isEventTime && !needed(check).type().startsWith("TIMESTAMP")) {
            throw invalid(
                    check, "expected a column of times, found " + needed(check).type());
        }
        var max = check.maxAge().toDuration().toMillis() / 1000.0;
        return new Rule(check, List.of("epoch_us(max(" + Sql.name(column) + "))"), (rows, figures) -> {
            var newest = Optional.ofNullable(figures.getFirst()).map(Double::longValue);
            if (isEventTime && table.newestBefore() != null) {
                var before = Micros.of(table.newestBefore());
                newest = Optional.of(
                        newest.map(micros -> Math.max(micros, before)).orElse(before));
            }
            if (newest.isEmpty()) {
                return Rule.insufficient(check, max);
            }
            var age = Duration.between(Micros.instant(newest.get()), table.now());
            var seconds = Math.max(0, age.toMillis()) / 1000.0;
            return Rule.verdict(check, seconds <= max, seconds, max, null);
        });
    }

    private Rule mean(DataCheck check, Column column) throws StepFailure {
        var sigmas = bound(check, "withinSigmas", check.withinSigmas());
        var reference = table.reference().get(column.name());
        var bounds = Figures.bounds(column.name()).stream()
                .map(bound -> "(select " + bound + " from " + table.table() + ")")
                .toList();
        var aggregates = Figures.aggregates(column.name(), bounds.getFirst(), bounds.getLast());
        return new Rule(check, aggregates, (rows, figures) -> {
            var current = Figures.of(column.name(), figures);
            if (reference == null || reference.count() < 2 || current.count() == 0) {
                return Rule.insufficient(check, sigmas);
            }
            var distance = Math.abs(current.mean() - reference.mean());
            var value = distance == 0 ? 0 : Figures.rounded(distance / reference.deviation());
            return Rule.verdict(check, value <= sigmas, value, sigmas, null);
        });
    }

    private Rule uniqueRatio(DataCheck check, Column column) throws StepFailure {
        bounded(check);
        var name = Sql.name(column.name());
        return new Rule(check, List.of("count(" + name + ")", "count(distinct " + name + ")"), (rows, figures) -> {
            var present = figures.getFirst();
            return present == 0
                    ? Rule.insufficient(check, check.max() == null ? check.min() : check.max())
                    : within(check, figures.get(1) / present);
        });
    }

    private Rule rowCount(DataCheck check) throws StepFailure {
        bounded(check);
        return new Rule(check, List.of(), (rows, figures) -> within(check, (double) rows));
    }

    private Rule inSet(DataCheck check, Column column) throws StepFailure {
        if (check.values() == null || check.values().isEmpty()) {
            throw invalid(check, "it needs values: list the good ones");
        }
        var isBytes = column.type().equals("BLOB");
        var values = check.values().stream()
                .map(Sql::text)
                .map(text -> isBytes ? "encode(" + text + ")" : "try_cast(" + text + " as " + column.type() + ")")
                .collect(Collectors.joining(", ", "[", "]"));
        return violations(check, column, "not list_contains(" + values + ", " + Sql.name(column.name()) + ")");
    }

    private Rule regex(DataCheck check, Column column) throws StepFailure {
        if (check.pattern() == null) {
            throw invalid(check, "it needs pattern, the expression that values must match");
        }
        var name = Sql.name(column.name());
        var text = column.type().equals("BLOB") ? "try(decode(" + name + "))" : name + "::varchar";
        return violations(
                check,
                column,
                "not coalesce(regexp_full_match(" + text + ", " + Sql.text(check.pattern()) + "), " + name
                        + " is null)");
    }

    private static Rule violations(DataCheck check, Column column, String broken) {
        return new Rule(
                check,
                List.of("count(*) filter (where " + broken + ")", "count(" + Sql.name(column.name()) + ")"),
                (rows, figures) -> share(check, figures.getFirst(), count(figures.get(1)), 0));
    }

    private static CheckVerdict share(DataCheck check, Double part, long whole, double max) {
        if (whole == 0) {
            return Rule.insufficient(check, max);
        }
        var value = part / whole;
        return Rule.verdict(check, value <= max, value, max, count(part));
    }

    private static CheckVerdict within(DataCheck check, double value) {
        var below = check.min() != null && value < check.min();
        var above = check.max() != null && value > check.max();
        var threshold = below || check.max() == null ? check.min() : check.max();
        return Rule.verdict(check, !below && !above, value, threshold, null);
    }

    private static long count(Double figure) {
        return figure == null ? 0 : Math.round(figure);
    }

    private Column needed(DataCheck check) throws StepFailure {
        if (check.column() == null) {
            throw invalid(check, "it is about one column: name it with column");
        }
        var column = table.column(check.column());
        if (column.isEmpty()) {
            throw invalid(check, "expected one of the columns " + Column.names(table.columns()));
        }
        return column.get();
    }

    private Column numeric(DataCheck check) throws StepFailure {
        var column = needed(check);
        if (!ColumnType.isNumber(column.type())) {
            throw invalid(check, "expected a column of numbers, found " + column.type());
        }
        return column;
    }

    private Column scalar(DataCheck check) throws StepFailure {
        var column = needed(check);
        if (column.type().endsWith("]")) {
            throw invalid(check, "expected a column of single values, found " + column.type());
        }
        return column;
    }

    private static void bounded(DataCheck check) throws StepFailure {
        if (check.min() == null && check.max() == null) {
            throw invalid(check, "it needs a bound: set min, max or both");
        }
    }

    private static double bound(DataCheck check, String name, Double value) throws StepFailure {
        if (value == null) {
            throw invalid(check, "it needs " + name);
        }
        return value;
    }

    private static String literal(Double number) {
        return String.format(Locale.ROOT, "%s::double", Sql.text(Objects.toString(number)));
    }

    static StepFailure invalid(DataCheck check, String why) {
        return StepFailure.rejected(
                "InvalidDefinition",
                "check %s%s: %s"
                        .formatted(
                                check.type() == null ? "of an unknown type" : check.type(),
                                check.column() == null ? "" : " of " + check.column(),
                                why));
    }
}
