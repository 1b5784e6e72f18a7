package dev.tatara.statistics.search;

import java.util.List;
import java.util.Objects;

/**
 * A hyperparameter and where it is searched. Inside the search it is a coordinate from 0 to 1, or for a choice one of
 * its positions.
 */
public sealed interface Parameter {
    /** Values of a grid for an interval of numbers without a step. */
    int GRID_VALUES = 10;

    /** Name of the hyperparameter. */
    String name();

    /** How many values a grid has of it; Long.MAX_VALUE if there are too many to count. */
    long gridSize();

    /** A value of the grid, the smallest first. */
    Value gridValue(long index);

    /** The value at a coordinate from 0 to 1. */
    Value at(double coordinate);

    /** The coordinate of a value, 0 to 1; NaN for one that isn't in the space. */
    double coordinate(Value value);

    /** How many different values there are, Long.MAX_VALUE for a continuum. */
    long cardinality();

    /**
     * Numbers from {@code min} to {@code max}, all alike.
     *
     * @param step distance of two values of a grid; 0 for {@value #GRID_VALUES} values
     */
    record Uniform(String name, double min, double max, double step) implements Parameter {
        public Uniform {
            requireInterval(name, min, max, step);
        }

        @Override
        public long gridSize() {
            return step == 0 ? GRID_VALUES : steps(min, max, step);
        }

        @Override
        public Value gridValue(long index) {
            return step == 0
                    ? at((double) index / (GRID_VALUES - 1))
                    : new Value.Real(Math.min(max, min + index * step));
        }

        @Override
        public Value at(double coordinate) {
            // Not min + c · (max − min), which may overflow and may end above max.
            return new Value.Real(Math.clamp(min * (1 - coordinate) + max * coordinate, min, max));
        }

        @Override
        public double coordinate(Value value) {
            return value instanceof Value.Real(double number) && number >= min && number <= max
                    ? (number / 2 - min / 2) / (max / 2 - min / 2)
                    : Double.NaN;
        }

        @Override
        public long cardinality() {
            return Long.MAX_VALUE;
        }
    }

    /**
     * Numbers from {@code min} to {@code max}, alike by their logarithms.
     *
     * @param min above 0
     * @param step distance of two values of a grid; 0 for {@value #GRID_VALUES} values whose ratio is the same
     */
    record LogUniform(String name, double min, double max, double step) implements Parameter {
        public LogUniform {
            requireInterval(name, min, max, step);
            if (min <= 0) {
                throw new IllegalArgumentException(
                        "parameter " + name + ": expected min above 0 for logUniform, found " + min);
            }
        }

        @Override
        public long gridSize() {
            return step == 0 ? GRID_VALUES : steps(min, max, step);
        }

        @Override
        public Value gridValue(long index) {
            return step == 0
                    ? at((double) index / (GRID_VALUES - 1))
                    : new Value.Real(Math.min(max, min + index * step));
        }

        @Override
        public Value at(double coordinate) {
            // StrictMath: the same value on every machine that asks.
            double exponent = StrictMath.log(min) * (1 - coordinate) + StrictMath.log(max) * coordinate;
            return new Value.Real(Math.clamp(StrictMath.exp(exponent), min, max));
        }

        @Override
        public double coordinate(Value value) {
            return value instanceof Value.Real(double number) && number >= min && number <= max
                    ? (StrictMath.log(number) - StrictMath.log(min)) / (StrictMath.log(max) - StrictMath.log(min))
                    : Double.NaN;
        }

        @Override
        public long cardinality() {
            return Long.MAX_VALUE;
        }
    }

    /**
     * Whole numbers {@code min}, {@code min + step}, … up to {@code max}.
     *
     * @param step 1 or more
     */
    record Whole(String name, long min, long max, long step) implements Parameter {
        public Whole {
            Objects.requireNonNull(name, "name");
            if (min >= max || step < 1) {
                throw new IllegalArgumentException("parameter " + name + ": expected min below max and a step of 1 or"
                        + " more, found " + min + ", " + max + " and " + step);
            }
            if (max - min < 0) {
                throw new IllegalArgumentException("parameter " + name + ": the interval is too long: " + min + " to "
                        + max + " has more values than can be counted");
            }
        }

        @Override
        public long gridSize() {
            return cardinality();
        }

        @Override
        public Value gridValue(long index) {
            return new Value.Whole(min + index * step);
        }

        /** Each value has a part of the same length. */
        @Override
        public Value at(double coordinate) {
            long index = (long) (coordinate * cardinality());
            return gridValue(Math.clamp(index, 0, cardinality() - 1));
        }

        @Override
        public double coordinate(Value value) {
            return value instanceof Value.Whole(long number) && number >= min && number <= max
                    ? ((number - min) / (double) step + 0.5) / cardinality()
                    : Double.NaN;
        }

        @Override
        public long cardinality() {
            long steps = (max - min) / step;
            return steps == Long.MAX_VALUE ? steps : steps + 1;
        }
    }

    /** One of several values, between which there is no order. */
    record Choice(String name, List<String> values) implements Parameter {
        public Choice {
            Objects.requireNonNull(name, "name");
            values = List.copyOf(values);
            if (values.isEmpty()) {
                throw new IllegalArgumentException("parameter " + name + ": expected a value to choose, found none");
            }
        }

        @Override
        public long gridSize() {
            return values.size();
        }

        @Override
        public Value gridValue(long index) {
            return new Value.Text(values.get(Math.toIntExact(index)));
        }

        @Override
        public Value at(double coordinate) {
            return gridValue(Math.clamp((long) (coordinate * values.size()), 0, values.size() - 1));
        }

        @Override
        public double coordinate(Value value) {
            int index = value instanceof Value.Text(String text) ? values.indexOf(text) : -1;
            return index < 0 ? Double.NaN : (index + 0.5) / values.size();
        }

        @Override
        public long cardinality() {
            return values.size();
        }
    }

    private static void requireInterval(String name, double min, double max, double step) {
        Objects.requireNonNull(name, "name");
        if (!(min < max) || !(step >= 0) || Double.isInfinite(min) || Double.isInfinite(max)) {
            throw new IllegalArgumentException("parameter " + name + ": expected finite numbers, min below max and a"
                    + " step that isn't negative, found " + min + ", " + max + " and " + step);
        }
    }

    private static long steps(double min, double max, double step) {
        // A step of 0.1 from 0 to 1 has eleven values, though 1 / 0.1 may be a little less than 10.
        double steps = Math.floor((max - min) / step + 1e-9);
        return steps >= Long.MAX_VALUE ? Long.MAX_VALUE : (long) steps + 1;
    }
}
