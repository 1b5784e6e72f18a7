package dev.tatara.statistics.sequential;

import dev.tatara.statistics.sequential.Plan.Design;
import dev.tatara.statistics.sequential.Plan.Outcome;
import dev.tatara.statistics.sequential.Population.Ended;
import dev.tatara.statistics.sequential.Population.Figure;
import java.util.List;
import java.util.stream.IntStream;

/** What bench/experiments simulates: the people of the library's own tests, many times. */
public final class ExperimentBench {
    private ExperimentBench() {}

    /** {@code FIGURE MINIMUM_EFFECT SHARE ALPHA TIMES DELAY EXPERIMENTS SEED}: TIMES 0 for equal sides. */
    public static void main(String[] arguments) {
        Figure figure = Figure.valueOf(arguments[0]);
        Design design = new Design(
                Double.parseDouble(arguments[1]),
                Double.parseDouble(arguments[3]),
                0.8,
                Double.parseDouble(arguments[2]),
                true);
        Population population = new Population(
                figure, design, Double.parseDouble(arguments[4]), Double.parseDouble(arguments[5]));
        int experiments = Integer.parseInt(arguments[6]);
        long seed = Long.parseLong(arguments[7]);
        List<Ended> ended = IntStream.range(0, experiments)
                .parallel()
                .mapToObj(i -> population.run(seed + i, Long.MAX_VALUE))
                .toList();
        Plan once = figure.plan(new Design(
                design.minimumEffect(), design.alpha(), design.power(), design.candidateShare(), false));
        System.out.println("{\"candidate\":" + count(ended, Outcome.CandidateWins) + ",\"stable\":"
                + count(ended, Outcome.StableWins) + ",\"people\":"
                + ended.stream().mapToLong(Ended::people).average().orElseThrow() + ",\"planned\":"
                + (population.plan().stable() + population.plan().candidate()) + ",\"once\":"
                + (once.stable() + once.candidate()) + "}");
    }

    private static long count(List<Ended> ended, Outcome outcome) {
        return ended.stream().filter(one -> one.outcome() == outcome).count();
    }
}
