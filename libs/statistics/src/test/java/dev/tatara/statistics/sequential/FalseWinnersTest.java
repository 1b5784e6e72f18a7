package dev.tatara.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.statistics.sequential.Plan.Design;
import dev.tatara.statistics.sequential.Plan.Outcome;
import dev.tatara.statistics.sequential.Population.Ended;
import dev.tatara.statistics.sequential.Population.Figure;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often experiments that are looked at after each person find what isn't there, and what is. */
class FalseWinnersTest {
    private static final int EXPERIMENTS = 1000;
    /** At which a test of the simulation itself refuses it. */
    private static final double BEYOND = 0.01;

    private static List<Ended> run(Population population, long most) {
        return IntStream.range(0, EXPERIMENTS)
                .parallel()
                .mapToObj(seed -> population.run(seed, most))
                .toList();
    }

    private static long count(List<Ended> ended, Outcome... outcomes) {
        return ended.stream()
                .filter(one -> List.of(outcomes).contains(one.outcome()))
                .count();
    }

    /** P(X ≥ found) of a binomial. */
    static double atLeast(long found, int of, double probability) {
        double sum = 0;
        double term = of * Math.log1p(-probability);
        for (int i = 0; i < found; i++) {
            sum += Math.exp(term);
            term += Math.log((double) (of - i) / (i + 1)) + Math.log(probability) - Math.log1p(-probability);
        }
        return 1 - sum;
    }

    @ParameterizedTest
    @CsvSource({
        "Half, 0.1, 0.5, 0.05, 0",
        "Half, 0.2, 0.05, 0.05, 0",
        "Twentieth, 0.02, 0.5, 0.05, 0",
        "Twentieth, 0.03, 0.1, 0.05, 0",
        "Twentieth, 0.03, 0.5, 0.2, 0",
        "Twentieth, 0.02, 0.5, 0.05, 500",
        "FewInAThousand, 0.01, 0.5, 0.05, 0",
        "Normal, 0.2, 0.5, 0.05, 0",
        "FewInAThousand, 0.01, 0.1, 0.05, 0",
        "Spent, 3, 0.5, 0.05, 0",
        "Spent, 3, 0.1, 0.05, 0"
    })
    void nullExperimentsHaveNoWinner(Figure figure, double effect, double share, double alpha, double delay) {
        Population same = new Population(figure, new Design(effect, alpha, 0.8, share, true), 0, delay);
        long winners = count(run(same, Long.MAX_VALUE), Outcome.CandidateWins, Outcome.StableWins);
        assertThat(atLeast(winners, EXPERIMENTS, alpha))
                .as("%s winners of %s at alpha %s", winners, EXPERIMENTS, alpha)
                .isGreaterThan(BEYOND);
    }

    @ParameterizedTest
    @CsvSource({"Half, 0.1, 0.5", "Twentieth, 0.02, 0.5", "Twentieth, 0.02, 0.2", "Normal, 0.2, 0.5"})
    void whatIsWorthFindingIsFoundAtThePlannedSize(Figure figure, double effect, double share) {
        Population better = new Population(figure, new Design(effect, 0.05, 0.8, share, true), 1, 0);
        List<Ended> ended = run(better, Long.MAX_VALUE);
        long missed = EXPERIMENTS - count(ended, Outcome.CandidateWins);
        assertThat(atLeast(missed, EXPERIMENTS, 0.2)).as("%s missed", missed).isGreaterThan(BEYOND);
        assertThat(ended.stream().mapToLong(Ended::people).average().orElseThrow())
                .isLessThan((double) (better.plan().stable() + better.plan().candidate()));
    }

    /** A thousand people a day of whom 5 % buy, 6.5 % of those who see the candidate; two weeks. */
    @Test
    void theBetterOneWinsInTime() {
        Population better = new Population(Figure.Twentieth, new Design(0.015, 0.05, 0.8, 0.5, true), 1, 0);
        List<Ended> ended = run(better, 14_000);
        assertThat(count(ended, Outcome.CandidateWins)).isGreaterThan(EXPERIMENTS * 7 / 10);
        assertThat(count(ended, Outcome.StableWins)).isLessThan(EXPERIMENTS / 100);
    }

    /** What looking costs where it isn't allowed for: the reason for all this. */
    @Test
    void lookingEachDayAtATestThatIsMadeForOneLookFindsWhatIsNotThere() {
        Design once = new Design(0.02, 0.05, 0.8, 0.5, false);
        Plan plan = Plan.ofProportion(0.05, once);
        long found = IntStream.range(0, EXPERIMENTS)
                .parallel()
                .filter(seed -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    long[] successes = new long[2];
                    for (int day = 1; day <= 30; day++) {
                        for (int person = 0; person < 2000; person++) {
                            successes[person % 2] += random.nextDouble() < 0.05 ? 1 : 0;
                        }
                        Plan.Found today = plan.judge(
                                Arm.ofProportion(day * 1000L, successes[0]),
                                Arm.ofProportion(day * 1000L, successes[1]),
                                true);
                        if (today.outcome() != Outcome.NoWinner) {
                            return true;
                        }
                    }
                    return false;
                })
                .count();
        assertThat(found).isBetween(230L, 350L);
    }
}
