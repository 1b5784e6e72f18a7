package dev.tatara.bench.drift;

import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.drift.Comparison;
import dev.tatara.statistics.drift.DriftTests;
import dev.tatara.statistics.drift.Method;
import dev.tatara.statistics.drift.Rule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;

/** What bench/drift-tests measures of the library, one thing a process. */
public final class DriftBench {
    private static final List<Rule> AUTO = List.of(Rule.of(Method.Auto, 1000));
    private static final List<Rule> ALL = List.of(
            Rule.of(Method.KolmogorovSmirnov, 1000),
            Rule.of(Method.Wasserstein, 1000),
            Rule.of(Method.PSI, 1000),
            Rule.of(Method.JensenShannon, 1000),
            Rule.of(Method.KullbackLeibler, 1000));

    private DriftBench() {}

    /** {@code auto|all|sketches DATA ROWS COLUMNS}: columns of doubles one after the other, in reference and current. */
    public static void main(String[] arguments) {
        Path data = Path.of(arguments[1]);
        int rows = Integer.parseInt(arguments[2]);
        int columns = Integer.parseInt(arguments[3]);
        List<Rule> rules = arguments[0].equals("auto") ? AUTO : ALL;
        long began = System.nanoTime();
        double[] sums = IntStream.range(0, columns)
                .parallel()
                .mapToObj(column -> {
                    double[] reference = column(data.resolve("reference"), rows, column);
                    double[] current = column(data.resolve("current"), rows, column);
                    return arguments[0].equals("sketches")
                            ? bySketches(reference, current, rules)
                            : DriftTests.compare(reference, current, rules);
                })
                .mapToDouble(found -> found.stream().mapToDouble(Comparison::statistic).sum())
                .toArray();
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.println("seconds=" + seconds + "\nsum=" + IntStream.range(0, columns).mapToDouble(i -> sums[i]).sum());
    }

    private static List<Comparison> bySketches(double[] reference, double[] current, List<Rule> rules) {
        NumberSketch before = new NumberSketch();
        NumberSketch now = new NumberSketch();
        before.update(reference, 0, reference.length);
        now.update(current, 0, current.length);
        return rules.stream().map(rule -> DriftTests.compare(before, now, rule)).toList();
    }

    private static double[] column(Path file, int rows, int column) {
        double[] values = new double[rows];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.map(FileChannel.MapMode.READ_ONLY, 8L * rows * column, 8L * rows)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asDoubleBuffer()
                    .get(values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return values;
    }
}
