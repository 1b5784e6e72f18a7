package dev.tatara.statistics.search;

import java.util.List;
import java.util.Random;

/**
 * A density over points with coordinates from 0 to 1: the mean of one kernel per point and of one that is the same
 * everywhere. A kernel is a product: of normal distributions cut off at 0 and 1 for numbers, and of a point's own choice
 * with a little of the others for choices. Bandwidths by Scott's rule for as many points and coordinates, but never
 * narrower than one part in (points + 2).
 */
final class ParzenDensity {
    private static final double WIDTH = 0.2;
    private static final double NARROWEST = 100;

    private final List<double[]> points;
    private final int[] choices;
    private final double deviation;
    private final double[] constants;
    private final double logOther;
    private final double[] logOwn;

    /**
     * @param parameters what the coordinates mean
     * @param points coordinates from 0 to 1
     */
    ParzenDensity(List<Parameter> parameters, List<double[]> points) {
        this.points = points;
        int size = points.size();
        choices = parameters.stream()
                .mapToInt(parameter -> parameter instanceof Parameter.Choice choice
                        ? choice.values().size()
                        : 0)
                .toArray();
        deviation = Math.max(
                WIDTH * StrictMath.pow(Math.max(1, size), -1.0 / (choices.length + 4)),
                1 / Math.min(NARROWEST, size + 2.0));
        // One pseudo-observation of each choice, shared by all kernels.
        double share = 1.0 / (size + 1);
        logOther = StrictMath.log(share);
        logOwn = new double[choices.length];
        double[] logTotal = new double[choices.length];
        for (int i = 0; i < choices.length; i++) {
            logTotal[i] = StrictMath.log(1 + choices[i] * share);
            logOwn[i] = StrictMath.log(1 + share);
        }
        constants = new double[size];
        for (int k = 0; k < size; k++) {
            double sum = 0;
            for (int i = 0; i < choices.length; i++) {
                // A choice has a coordinate span of 1 / choices: as a density it is that much higher.
                sum += choices[i] > 0
                        ? StrictMath.log(choices[i]) - logTotal[i]
                        : -logMass(points.get(k)[i]) - StrictMath.log(deviation * Math.sqrt(2 * Math.PI));
            }
            constants[k] = sum;
        }
    }

    /** Logarithm of what a normal distribution around a coordinate has between 0 and 1. */
    private double logMass(double center) {
        return StrictMath.log(below((1 - center) / deviation) - below(-center / deviation));
    }

    /** The normal distribution function: Abramowitz, Stegun 26.2.17, wrong by less than 7.5e-8. */
    private static double below(double x) {
        double t = 1 / (1 + 0.2316419 * Math.abs(x));
        double tail = StrictMath.exp(-x * x / 2)
                / Math.sqrt(2 * Math.PI)
                * t
                * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return x >= 0 ? 1 - tail : tail;
    }

    /** A point drawn from the density. */
    double[] sample(Random random) {
        int kernel = random.nextInt(points.size() + 1);
        double[] point = new double[choices.length];
        for (int i = 0; i < point.length; i++) {
            if (kernel == points.size()) {
                point[i] = random.nextDouble();
            } else if (choices[i] > 0) {
                double own = (1 + 1.0 / (points.size() + 1)) / (1 + choices[i] / (points.size() + 1.0));
                double drawn = random.nextDouble();
                point[i] = drawn < own ? points.get(kernel)[i] : other(points.get(kernel)[i], choices[i], random);
            } else {
                point[i] = near(points.get(kernel)[i], random);
            }
        }
        return point;
    }

    /** One of the other choices. */
    private static double other(double own, int choices, Random random) {
        if (choices == 1) {
            return own;
        }
        int skip = 1 + random.nextInt(choices - 1);
        int index = ((int) (own * choices) + skip) % choices;
        return (index + 0.5) / choices;
    }

    /** From the normal distribution around a center, between 0 and 1; at least a third of it is there. */
    private double near(double center, Random random) {
        double value;
        do {
            value = center + deviation * random.nextGaussian();
        } while (value < 0 || value > 1);
        return value;
    }

    /** The logarithm of the density at a point. */
    double logarithm(double[] point) {
        int size = points.size();
        // The kernel that is the same everywhere has density 1.
        double highest = 0;
        double[] logarithms = new double[size];
        for (int k = 0; k < size; k++) {
            double[] center = points.get(k);
            double exponent = 0;
            double sum = constants[k];
            for (int i = 0; i < point.length; i++) {
                if (choices[i] > 0) {
                    sum += (int) (point[i] * choices[i]) == (int) (center[i] * choices[i]) ? logOwn[i] : logOther;
                } else {
                    double distance = (point[i] - center[i]) / deviation;
                    exponent += distance * distance;
                }
            }
            logarithms[k] = sum - exponent / 2;
            highest = Math.max(highest, logarithms[k]);
        }
        double total = StrictMath.exp(-highest);
        for (double logarithm : logarithms) {
            total += StrictMath.exp(logarithm - highest);
        }
        return highest + StrictMath.log(total / (size + 1));
    }
}
