package dev.tatara.steps.evaluate;

import dev.tatara.api.v1alpha1.modelversion.Task;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.evaluate.Measured.Correlation;
import dev.tatara.steps.tables.Sql;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How much each feature alone tells of the label, 0 to 1. Numbers and a label of numbers: the absolute correlation of
 * Pearson. Numbers and classes: the correlation ratio η (Fisher 1925), which for two classes is the absolute point-biserial
 * correlation. Texts of up to {@value #MOST_VALUES} values and classes: Cramér's V; texts and numbers: the correlation
 * ratio the other way round. Rows in which the feature is missing are left out.
 */
final class Leakage {
    private static final int MOST_VALUES = 100;

    private final TestRows rows;
    private final Task task;
    private final String label;

    Leakage(TestRows rows, Task task, TestColumn label) {
        this.rows = rows;
        this.task = task;
        this.label = Sql.name(label.name());
    }

    /** The most telling first. */
    List<Correlation> of(List<TestColumn> features) throws StepFailure {
        var found = new ArrayList<Correlation>();
        for (var feature : features) {
            var correlation = of(feature);
            if (correlation != null && !Double.isNaN(correlation.value())) {
                found.add(correlation);
            }
        }
        found.sort(Comparator.comparingDouble(Correlation::value).reversed().thenComparing(Correlation::feature));
        return List.copyOf(found);
    }

    private Correlation of(TestColumn feature) throws StepFailure {
        var name = Sql.name(feature.name());
        if (feature.isNumeric()) {
            var number = feature.kind() == TestColumn.Kind.TRUTH ? name + "::integer" : name;
            var finite = "isfinite(" + number + "::double)";
            return task == Task.Regression
                    ? new Correlation(feature.name(), "pearson", pearson(number + "::double", finite))
                    : new Correlation(feature.name(), "correlationRatio", ratio(number + "::double", label, finite));
        }
        if (!feature.isText()) {
            return null;
        }
        var different = rows.numbers("select count(distinct " + name + ") from test")[0];
        if (different < 2 || different > MOST_VALUES) {
            return null;
        }
        return task == Task.Regression
                ? new Correlation(
                        feature.name(), "correlationRatio", ratio(label + "::double", name, name + " is not null"))
                : new Correlation(feature.name(), "cramersV", cramersV(name));
    }

    private double pearson(String number, String condition) throws StepFailure {
        return clamped(Math.abs(rows.numbers(
                        "select case when stddev_pop(n) > 0 and stddev_pop(l) > 0 then corr(n, l) end from (select "
                                + number + " as n, " + label + "::double as l from test where " + condition + ")")[0]));
    }

    /** The root of the variance between groups over all variance. */
    private double ratio(String number, String group, String condition) throws StepFailure {
        var sums = rows.numbers("with g as (select count(*) as n, avg(x) as m, var_pop(x) as v from (select " + number
                + " as x, " + group + " as c from test where " + condition + ") group by c)"
                + " select sum(n * v), sum(n * m * m) - power(sum(n * m), 2) / sum(n) from g");
        var total = sums[0] + sums[1];
        return total > 0 ? clamped(Math.sqrt(Math.max(0, sums[1] / total))) : Double.NaN;
    }

    private double cramersV(String name) throws StepFailure {
        var sums = rows.numbers("with t as (select " + name + " as f, " + label + " as l from test where " + name
                + " is not null), c as (select f, l, count(*)::double as n from t group by f, l),"
                + " r as (select f, sum(n) as n from c group by f), s as (select l, sum(n) as n from c group by l)"
                + " select sum(c.n * c.n / (r.n * s.n)) - 1, least((select count(*) from r), (select count(*) from s)) - 1"
                + " from c join r using (f) join s using (l)");
        return sums[1] < 1 ? Double.NaN : clamped(Math.sqrt(Math.max(0, sums[0] / sums[1])));
    }

    /** What rounding has put a little above 1. */
    private static double clamped(double value) {
        return Double.isNaN(value) ? value : Math.min(1, value);
    }
}
