package dev.tatara.steps.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.contracts.FeatureSnapshot.ColumnFigures;
import dev.tatara.steps.tables.TableEngine;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FiguresTest {
    @TempDir
    private Path spill;

    @Test
    void areThoseOfStatistics() throws Exception {
        assertThat(of("values (1.0), (2.0), (3.0), (4.0), (null), ('nan'::double), (1e200)", 2))
                .isEqualTo(new ColumnFigures("x", 4, 2.5, 1.11803399));
        assertThat(of("values (1e12), (1e12 + 1), (1e12 + 2)", 2)).satisfies(figures -> {
            assertThat(figures.mean()).isEqualTo(1e12, within(1e4));
            assertThat(figures.deviation()).isEqualTo(Math.sqrt(2 / 3.0), within(1e-8));
        });
        assertThat(of("select if(i = 0, 1e6, (i % 7) / 1000) from range(100000) r(i)", 2))
                .satisfies(figures -> assertThat(figures.deviation()).isEqualTo(3162.25, within(0.1)));
    }

    @Test
    void ofOneValueOrNoneOrHugeOnesAreNumbers() throws Exception {
        assertThat(of("values (7.25), (7.25)", 1)).isEqualTo(new ColumnFigures("x", 2, 7.25, 0));
        assertThat(of("values (null::double)", 1)).isEqualTo(new ColumnFigures("x", 0, 0, 0));
        assertThat(of("values (-9e149), (9e149)", 1)).isEqualTo(new ColumnFigures("x", 2, 0, 9e149));
        assertThat(of("values (-1e-260), (1e-260)", 1)).isEqualTo(new ColumnFigures("x", 2, 0, 0));
    }

    /** Means of three decimals lie on a tie of the ninth digit often: doubles that are added up can't all be the same. */
    @Test
    void orderAndThreadsDontShow() throws Exception {
        var columns = 4;
        var found = new HashSet<List<ColumnFigures>>();
        for (var threads : List.of(1, 3)) {
            for (var order : List.of("i", "hash(i)")) {
                var figures = new ArrayList<ColumnFigures>();
                for (var column = 0; column < columns; column++) {
                    figures.add(of(
                            "select (hash(i * 31 + " + column + ") % 1000000) / 1000 from range(80000) r(i) order by "
                                    + order,
                            threads));
                }
                found.add(List.copyOf(figures));
            }
        }
        assertThat(found).hasSize(1);
    }

    private ColumnFigures of(String values, int threads) throws SQLException {
        try (var engine = TableEngine.open(spill, 512L << 20, threads)) {
            engine.execute("create table t as select * from (" + values + ") v(x)");
            var bounds = numbers(engine, Figures.bounds("x"));
            var low = bounds.getFirst() == null ? 0 : bounds.getFirst();
            var high = bounds.getLast() == null ? 0 : bounds.getLast();
            return Figures.of(
                    "x", numbers(engine, Figures.aggregates("x", Figures.literal(low), Figures.literal(high))));
        }
    }

    private static List<Double> numbers(TableEngine engine, List<String> aggregates) throws SQLException {
        return engine.query("select " + String.join(", ", aggregates) + " from t", answer -> {
            answer.next();
            var numbers = new ArrayList<Double>();
            for (var column = 1; column <= aggregates.size(); column++) {
                var number = answer.getDouble(column);
                numbers.add(answer.wasNull() ? null : number);
            }
            return numbers;
        });
    }
}
