package dev.tatara.steps.checks;

import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.CheckVerdict.OnFailure;
import dev.tatara.contracts.CheckVerdict.Verdict;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.SqlWords;
import dev.tatara.steps.tables.TableEngine;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Checks a table: all figures come from one pass over its rows. */
public final class TableChecks {
    private TableChecks() {}

    /**
     * The verdicts, in the order of the checks.
     *
     * @throws StepFailure with reason InvalidDefinition where a check makes no sense for the table
     */
    public static List<CheckVerdict> run(TableEngine engine, CheckedTable table, List<DataCheck> checks)
            throws SQLException, StepFailure {
        var made = new ArrayList<Rule>();
        var rules = new Rules(table);
        for (var check : checks) {
            if (check.type() == null) {
                throw Rules.invalid(check, "this version doesn't know it");
            }
            if (check.pattern() != null) {
                compile(engine, check);
            }
            made.add(rules.of(check));
        }
        var expressions = new ArrayList<String>(List.of("count(*)"));
        made.forEach(rule -> expressions.addAll(rule.figures()));
        var figures = engine.query("select " + String.join(", ", expressions) + " from " + table.table(), answer -> {
            answer.next();
            var numbers = new ArrayList<Double>();
            for (var column = 1; column <= expressions.size(); column++) {
                var number = answer.getDouble(column);
                numbers.add(answer.wasNull() ? null : number);
            }
            return numbers;
        });
        var rows = Math.round(figures.getFirst());
        var verdicts = new ArrayList<CheckVerdict>();
        var position = 1;
        for (var rule : made) {
            var own = figures.subList(position, position + rule.figures().size());
            verdicts.add(rule.judge().judge(rows, own));
            position += rule.figures().size();
        }
        return List.copyOf(verdicts);
    }

    /** Whether a check failed that must hold before anything is written. */
    public static boolean block(List<CheckVerdict> verdicts) {
        return verdicts.stream()
                .anyMatch(verdict -> verdict.verdict() == Verdict.Failed && verdict.onFailure() == OnFailure.Block);
    }

    /** The checks that failed, in words: {@code NullRatio of spend: 0.07, good up to 0.05 (7 rows)}. */
    public static String failures(List<CheckVerdict> verdicts) {
        return verdicts.stream()
                .filter(verdict -> verdict.verdict() == Verdict.Failed)
                .map(TableChecks::words)
                .collect(Collectors.joining("; "));
    }

    private static String words(CheckVerdict verdict) {
        return verdict.type()
                + (verdict.column() == null ? "" : " of " + verdict.column())
                + (verdict.value() == null ? "" : ": " + number(verdict.value()))
                + (verdict.threshold() == null ? "" : ", the last good value is " + number(verdict.threshold()))
                + (verdict.violations() == null ? "" : " (" + verdict.violations() + " violations)");
    }

    private static String number(double number) {
        return String.format(Locale.ROOT, "%.6g", number)
                .replaceFirst("(\\.\\d*?)0+$", "$1")
                .replaceFirst("\\.$", "");
    }

    private static void compile(TableEngine engine, DataCheck check) throws StepFailure {
        try {
            engine.query("select regexp_full_match('', " + Sql.text(check.pattern()) + ")", answer -> answer.next());
        } catch (SQLException e) {
            throw Rules.invalid(check, "the pattern is no RE2 expression: " + SqlWords.of(e, true));
        }
    }
}
