package dev.tatara.statistics.sequential;

import dev.tatara.statistics.sequential.Plan.Design;
import dev.tatara.statistics.sequential.Plan.Found;
import dev.tatara.statistics.sequential.Plan.Outcome;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** People who come one after the other, are sent to a side by chance and do something or don't. */
final class Population {
    private static final double PAYING = 0.1;
    private static final double SPENT = Math.exp(3.5);
    /** Of what people spend, most of them nothing and a few very much. */
    private static final double SPREAD = 16.94;

    private final Figure figure;
    private final Design design;
    private final Plan plan;
    private final double effect;
    private final double delay;

    /**
     * @param effect how much better the candidate is, in units of the smallest difference worth finding
     * @param delay people who come in between until one does what he will do, on average; 0: at once
     */
    Population(Figure figure, Design design, double effect, double delay) {
        this.figure = figure;
        this.design = design;
        this.plan = figure.plan(design);
        this.effect = effect * design.minimumEffect();
        this.delay = delay;
    }

    /** What is counted. */
    enum Figure {
        Half(0.5),
        Twentieth(0.05),
        FewInAThousand(0.005),
        Normal(Double.NaN),
        Spent(Double.NaN);

        private final double rate;

        Figure(double rate) {
            this.rate = rate;
        }

        boolean isProportion() {
            return !Double.isNaN(rate);
        }

        Plan plan(Design design) {
            return isProportion() ? Plan.ofProportion(rate, design) : Plan.ofMean(this == Normal ? 1 : SPREAD, design);
        }

        double value(SplittableRandom random, double more) {
            return switch (this) {
                case Half, Twentieth, FewInAThousand -> random.nextDouble() < rate + more ? 1 : 0;
                case Normal -> 5 + more + random.nextGaussian();
                case Spent -> random.nextDouble() < PAYING + more / SPENT ? Math.exp(3 + random.nextGaussian()) : 0;
            };
        }
    }

    /**
     * How an experiment ended.
     *
     * @param found last
     * @param people who came
     */
    record Ended(Found found, long people) {
        Outcome outcome() {
            return found.outcome();
        }
    }

    private static final class Sums {
        private long count;
        private double mean;
        private double squares;

        /** Welford 1962. */
        void add(double value) {
            count++;
            double before = value - mean;
            mean += before / count;
            squares += before * (value - mean);
        }

        /** That somebody's value isn't 0 any more but 1. */
        void succeed() {
            mean += 1.0 / count;
        }

        Arm arm(boolean isProportion) {
            return isProportion
                    ? Arm.ofProportion(count, Math.round(mean * count))
                    : new Arm(count, mean, count < 2 ? 0 : Math.max(0, squares / (count - 1)));
        }
    }

    private record Late(double at, Sums side) {}

    Plan plan() {
        return plan;
    }

    /**
     * One experiment, looked at after each person.
     *
     * @param most people who can come in its time
     */
    Ended run(long seed, long most) {
        SplittableRandom random = new SplittableRandom(seed);
        Sums stable = new Sums();
        Sums candidate = new Sums();
        PriorityQueue<Late> late = new PriorityQueue<>(Comparator.comparingDouble(Late::at));
        for (long person = 1; ; person++) {
            boolean isCandidate = random.nextDouble() < design.candidateShare();
            Sums side = isCandidate ? candidate : stable;
            double value = figure.value(random, isCandidate ? effect : 0);
            if (delay > 0 && value > 0) {
                side.add(0);
                late.add(new Late(person - delay * Math.log1p(-random.nextDouble()), side));
            } else {
                side.add(value);
            }
            while (!late.isEmpty() && late.peek().at() <= person) {
                late.poll().side().succeed();
            }
            Found found =
                    plan.judge(stable.arm(figure.isProportion()), candidate.arm(figure.isProportion()), person >= most);
            if (found.outcome() != Outcome.Undecided) {
                return new Ended(found, person);
            }
        }
    }
}
