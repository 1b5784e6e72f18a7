package dev.tatara.statistics.drift;

import dev.tatara.statistics.Steps;
import dev.tatara.statistics.distributions.Tails;

/**
 * The first Wasserstein distance in standard deviations of the reference, these at least {@value #LEAST_DEVIATION}: as
 * Evidently 0.7 norms SciPy's {@code wasserstein_distance}.
 */
final class Transport {
    static final double LEAST_DEVIATION = 0.001;

    /** Beyond, differences may leave the range of double. */
    private static final double LARGE = 1e150;

    private final Side.Numbers reference;
    private final Side.Numbers current;
    private final double scale;
    private final double norm;

    Transport(Side.Numbers reference, Side.Numbers current) {
        this.reference = reference;
        this.current = current;
        double largest = Math.max(
                Math.max(Math.abs(reference.min()), Math.abs(reference.max())),
                Math.max(Math.abs(current.min()), Math.abs(current.max())));
        scale = largest > LARGE ? 0x1p-512 : 1;
        double deviation = scale == 1 ? reference.deviation() : deviation(reference.steps());
        norm = Math.max(deviation, LEAST_DEVIATION * scale);
    }

    private double deviation(Steps steps) {
        double mean = 0;
        for (int i = 0; i < steps.size(); i++) {
            mean += weight(steps, i) * steps.value(i) * scale;
        }
        double variance = 0;
        for (int i = 0; i < steps.size(); i++) {
            double delta = steps.value(i) * scale - mean;
            variance += weight(steps, i) * delta * delta;
        }
        return Math.sqrt(variance);
    }

    private static double weight(Steps steps, int position) {
        return (double) (steps.upTo(position) - (position == 0 ? 0 : steps.upTo(position - 1))) / steps.count();
    }

    /** What the sketches say, 0 or more; no less than what the means, which are exact, differ by. */
    double distance() {
        return reference.steps().isExact() && current.steps().isExact() ? area() : Math.max(area(), ofMeans());
    }

    /**
     * The integral of the difference of the quantile functions, which is that of the distribution functions (Vallender
     * 1974). Taken rank by rank, as which of two samples has the next rank can be foreseen, and the next value can't.
     */
    private double area() {
        Steps one = reference.steps();
        Steps other = current.steps();
        double ranks = 1.0 / one.count();
        double otherRanks = 1.0 / other.count();
        double sum = 0;
        double before = 0;
        int i = 0;
        int j = 0;
        while (i < one.size() && j < other.size()) {
            double share = one.upTo(i) * ranks;
            double otherShare = other.upTo(j) * otherRanks;
            double next = Math.min(share, otherShare);
            sum += Math.abs(one.value(i) * scale - other.value(j) * scale) * (next - before);
            before = next;
            if (share <= otherShare) {
                i++;
            }
            if (otherShare <= share) {
                j++;
            }
        }
        return sum / norm;
    }

    /** No distance is less than that of the means. */
    private double ofMeans() {
        return scale == 1 ? Math.abs(reference.mean() - current.mean()) / norm : 0;
    }

    /** The least that the sketches' error allows. */
    double least(double distance) {
        double error = error();
        return error == 0 ? distance : Math.max(Math.min(distance, ofMeans()), distance - error);
    }

    /** How far the sketches may put the distance off, to either side. */
    double error() {
        return SketchError.OF_AREA * Math.hypot(error(reference), error(current));
    }

    private double error(Side.Numbers side) {
        Steps steps = side.steps();
        if (steps.isExact()) {
            return 0;
        }
        double count = steps.count();
        double sum = 0;
        for (int i = 0; i + 1 < steps.size(); i++) {
            double share = steps.upTo(i) / count;
            sum += SketchError.ofShare(share * (1 - share), steps.rankError())
                    * (steps.value(i + 1) * scale - steps.value(i) * scale);
        }
        return sum / norm;
    }

    /**
     * The distance that two samples of one distribution exceed with a probability, at most: the difference of two
     * empirical distribution functions is about a Brownian bridge B(F), of which E|B(F)| = √(2/π · F (1 − F)); and by
     * Gaussian concentration (Borell 1975) its area is beyond that mean by more than z standard deviations of the
     * values no more often than a normal variable is beyond z.
     */
    double noise(double probability) {
        double spread = Math.sqrt(1.0 / reference.values() + 1.0 / current.values());
        double deviation = scale == 1 ? reference.deviation() : deviation(reference.steps());
        return spread
                * (Math.sqrt(2 / Math.PI) * breadth(reference.steps()) + Tails.normalAbove(probability) * deviation)
                / norm;
    }

    /** ∫ √(F (1 − F)): 1.8 standard deviations of a normal distribution. */
    private double breadth(Steps steps) {
        double count = steps.count();
        double sum = 0;
        for (int i = 0; i + 1 < steps.size(); i++) {
            double share = steps.upTo(i) / count;
            sum += Math.sqrt(share * (1 - share)) * (steps.value(i + 1) * scale - steps.value(i) * scale);
        }
        return sum;
    }
}
