package dev.tatara.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.statistics.sequential.Plan.Design;
import dev.tatara.statistics.sequential.Plan.Found;
import dev.tatara.statistics.sequential.Plan.Outcome;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final Design DESIGN = new Design(0.02, 0.05, 0.8, 0.5, true);
    private static final Plan SEQUENTIAL = Plan.ofProportion(0.1, DESIGN);
    private static final Plan ONCE = Plan.ofProportion(0.1, new Design(0.02, 0.05, 0.8, 0.5, false));

    @Test
    void aSequentialExperimentIsPlannedLarger() {
        assertThat(ONCE.stable()).isEqualTo(3835);
        assertThat(Plan.inflation(0.05, 0.8)).isCloseTo(1.915, within(0.001));
        assertThat(SEQUENTIAL.stable()).isEqualTo(7343).isEqualTo(SEQUENTIAL.candidate());
    }

    @Test
    void aClearDifferenceIsFoundBeforeThePlannedSize() {
        Found found = SEQUENTIAL.judge(Arm.ofProportion(2000, 200), Arm.ofProportion(2000, 300), false);

        assertThat(found.outcome()).isEqualTo(Outcome.CandidateWins);
        assertThat(found.difference()).isCloseTo(0.05, within(1e-12));
        assertThat(found.lift()).isCloseTo(0.5, within(1e-12));
        assertThat(found.low()).isBetween(0.0, 0.05);
        assertThat(found.high()).isCloseTo(0.1 - found.low(), within(1e-12));
        assertThat(found.pValue()).isLessThan(0.001);
        assertThat(SEQUENTIAL
                        .judge(Arm.ofProportion(2000, 300), Arm.ofProportion(2000, 200), false)
                        .outcome())
                .isEqualTo(Outcome.StableWins);
    }

    @Test
    void whatIsLookedAtOnceSaysNothingBefore() {
        Arm stable = Arm.ofProportion(2000, 200);
        Arm candidate = Arm.ofProportion(2000, 300);

        assertThat(ONCE.judge(stable, candidate, false).outcome()).isEqualTo(Outcome.Undecided);
        assertThat(ONCE.judge(stable, candidate, true).outcome()).isEqualTo(Outcome.CandidateWins);
        assertThat(ONCE.judge(Arm.ofProportion(4000, 400), Arm.ofProportion(4000, 500), false)
                        .outcome())
                .isEqualTo(Outcome.CandidateWins);
    }

    @Test
    void anEndWithoutADifferenceHasNoWinner() {
        assertThat(SEQUENTIAL
                        .judge(Arm.ofProportion(8000, 800), Arm.ofProportion(7000, 701), false)
                        .outcome())
                .isEqualTo(Outcome.Undecided);
        assertThat(SEQUENTIAL
                        .judge(Arm.ofProportion(8000, 800), Arm.ofProportion(8000, 801), false)
                        .outcome())
                .isEqualTo(Outcome.NoWinner);
        assertThat(SEQUENTIAL
                        .judge(Arm.ofProportion(50, 5), Arm.ofProportion(50, 5), true)
                        .outcome())
                .isEqualTo(Outcome.NoWinner);
    }

    @Test
    void ofTooLittleNothingIsSaid() {
        Found found = SEQUENTIAL.judge(Arm.ofProportion(20, 0), Arm.ofProportion(29, 29), false);

        assertThat(found.pValue()).isEqualTo(1);
        assertThat(found.low()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(found.high()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(found.lift()).isNaN();
        assertThat(SEQUENTIAL.judge(new Arm(0, 0, 0), new Arm(0, 0, 0), false).difference())
                .isNaN();
        assertThat(Plan.ofMean(1, DESIGN)
                        .judge(new Arm(100, 2, 0), new Arm(100, 2, 0), false)
                        .outcome())
                .isEqualTo(Outcome.Undecided);
    }

    @Test
    void nobodyAndEverybodyAreFarApart() {
        assertThat(SEQUENTIAL
                        .judge(Arm.ofProportion(500, 0), Arm.ofProportion(500, 500), false)
                        .outcome())
                .isEqualTo(Outcome.CandidateWins);
    }

    /** 0 is in the interval just where the p-value is above alpha. */
    @Property
    void intervalAndPValueAgree(
            @ForAll @DoubleRange(min = -0.05, max = 0.05) double difference,
            @ForAll @DoubleRange(min = 50, max = 1e6) double count) {
        Found found = Plan.ofMean(0.3, DESIGN)
                .judge(new Arm((long) count, 1, 0.09), new Arm((long) count, 1 + difference, 0.09), false);

        assertThat(found.pValue() <= 0.05).isEqualTo(found.low() >= 0 || found.high() <= 0);
    }

    /** No other mixture finds the effect with fewer units. */
    @Property
    void theBoundIsLowestWhereItIsPlanned(@ForAll @DoubleRange(min = 0.1, max = 10) double times) {
        double planned = Mixture.lowestBound(0.05) / 0.02 + 0.8416 / 0.02;
        double information = planned * planned;
        Mixture mixture = Mixture.of(0.02, 0.05, 0.8);

        assertThat(mixture.halfWidth(information, 0.05))
                .isLessThanOrEqualTo(new Mixture(mixture.variance() * times).halfWidth(information, 0.05) * (1 + 1e-9));
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> Plan.ofProportion(0.99, DESIGN)).hasMessageContaining("below 1");
        assertThatThrownBy(() -> new Design(0.02, 0.6, 0.8, 0.5, true)).hasMessageContaining("alpha");
        assertThatThrownBy(() -> new Design(0, 0.05, 0.8, 0.5, true)).hasMessageContaining("minimumEffect");
        assertThatThrownBy(() -> new Design(0.02, 0.05, 0.8, 1, true)).hasMessageContaining("candidateShare");
        assertThatThrownBy(() -> Plan.ofMean(0, DESIGN)).hasMessageContaining("standardDeviation");
        assertThatThrownBy(() -> Arm.ofProportion(5, 6)).hasMessageContaining("0 to 5");
    }
}
