package dev.tatara.statistics.drift;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Sketch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Made-up rows of many features, of the kinds that services have: each is a normal variable bent into shape. All of them
 * may depend on one more variable, and some may be shifted.
 */
final class Traffic {
    private static final double GAPS = 0.2;

    private final SplittableRandom random;
    private final int features;
    private final double common;

    /**
     * @param features of a row
     * @param common share of each feature's variance that all of them have in common, 0 to 1
     */
    Traffic(long seed, int features, double common) {
        this.random = new SplittableRandom(seed);
        this.features = features;
        this.common = common;
    }

    /** Shapes of features; five times as many have a shape of the first line as one of the others. */
    enum Shape {
        Normal,
        LogNormal,
        Uniform,
        TwoHumps,
        HeavyTails,
        Rounded,
        WithGaps,
        Counts,
        Grades,
        Flag,
        FewCategories,
        Cities;

        private static final int SMOOTH = 5;
        private static final int ROUND = 10;

        static Shape of(int feature) {
            int position = feature % ROUND;
            return position < SMOOTH
                    ? values()[position]
                    : values()[SMOOTH + (feature / ROUND * SMOOTH + position - SMOOTH) % (values().length - SMOOTH)];
        }

        boolean isNumber() {
            return this != FewCategories && this != Cities;
        }
    }

    /**
     * Sketches of rows, one for each feature.
     *
     * @param shift of the first {@code shifted} features, in standard deviations of the normal variable
     */
    List<Sketch> sketches(int rows, double shift, int shifted) {
        List<Sketch> sketches = new ArrayList<>(features);
        for (int i = 0; i < features; i++) {
            sketches.add(Shape.of(i).isNumber() ? new NumberSketch() : new CategorySketch());
        }
        double own = Math.sqrt(1 - common);
        for (int row = 0; row < rows; row++) {
            double shared = common == 0 ? 0 : Math.sqrt(common) * random.nextGaussian();
            for (int i = 0; i < features; i++) {
                double z = shared + own * random.nextGaussian() + (i < shifted ? shift : 0);
                switch (sketches.get(i)) {
                    case NumberSketch numbers -> numbers.update(number(Shape.of(i), z));
                    case CategorySketch categories -> categories.update(category(Shape.of(i), z));
                }
            }
        }
        return sketches;
    }

    private double number(Shape shape, double z) {
        return switch (shape) {
            case Normal -> z;
            case LogNormal -> Math.exp(z);
            case Uniform -> rank(z);
            case TwoHumps -> z + 3 * Math.signum(z);
            case HeavyTails -> Math.sinh(1.5 * z);
            case Rounded -> Math.rint(10 * z) / 10;
            case WithGaps -> random.nextDouble() < GAPS ? Double.NaN : z;
            case Counts -> Math.floor(4 * Math.exp(0.5 * z));
            case Grades -> Math.clamp(Math.rint(1.2 * z), -2, 2);
            case Flag -> z > 1 ? 1 : 0;
            case FewCategories, Cities -> throw new IllegalArgumentException(shape + " is no number");
        };
    }

    private static long category(Shape shape, double z) {
        return shape == Shape.FewCategories
                ? (long) Math.min(5, 6 * rank(z))
                : (long) Math.min(299, 300 * Math.pow(rank(z), 4));
    }

    /** About the share of a normal distribution below z (Tocher 1963). */
    private static double rank(double z) {
        return 1 / (1 + Math.exp(-1.5957691216057308 * (z + 0.044715 * z * z * z)));
    }
}
