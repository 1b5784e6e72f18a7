package dev.tatara.bench;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What one value costs in a sketch that has seen many. */
@State(Scope.Thread)
public class Sketches {
    private static final int VALUES = 1024;

    private final double[] numbers = new double[VALUES];
    private final double[] scratch = new double[VALUES];
    private final long[] classes = new long[VALUES];
    private NumberSketch number;
    private CategorySketch category;

    @Setup(Level.Iteration)
    public void fill() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(42);
        for (int i = 0; i < VALUES; i++) {
            numbers[i] = random.nextGaussian();
            classes[i] = random.nextInt(10);
        }
        number = new NumberSketch();
        category = new CategorySketch();
    }

    @Benchmark
    @OperationsPerInvocation(VALUES)
    public NumberSketch numbersOneByOne() {
        for (double value : numbers) {
            number.update(value);
        }
        return number;
    }

    @Benchmark
    @OperationsPerInvocation(VALUES)
    public NumberSketch numbersTogether() {
        System.arraycopy(numbers, 0, scratch, 0, VALUES);
        number.update(scratch, 0, VALUES);
        return number;
    }

    @Benchmark
    @OperationsPerInvocation(VALUES)
    public CategorySketch classes() {
        for (long value : classes) {
            category.update(value);
        }
        return category;
    }
}
