package dev.tatara.steps.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.contracts.ExperimentEvaluated.Verdict;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.options.GoDuration;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentStepTest {
    private static final String REVENUE =
            "{sticky: {header: x-user-id}, metric: {name: revenue, kind: Mean}, baselineStandardDeviation: 5,"
                    + " minimumEffect: 1}";

    @TempDir
    Path folder;

    private Shop shop;

    @BeforeEach
    void open() {
        shop = new Shop(folder);
    }

    @Test
    void peopleAreCountedOnceAndByTheSideThatAnsweredFirst() throws Exception {
        shop.people(Shop.STABLE, "s", 200, 20);
        shop.people(Shop.CANDIDATE, "c", 200, 30);
        // The same person again, by the other request; corrected to none; of nobody; of another name; too late.
        shop.figure("s0-0", "conversion", 1, "2026-11-21T11:00:00Z");
        shop.figure("c0-1", "conversion", 0, "2026-11-21T11:30:00Z");
        shop.figure("nobody", "conversion", 1, "2026-11-21T11:00:00Z");
        shop.figure("s150-0", "revenue", 12.5, "2026-11-21T11:00:00Z");
        shop.figure("s151-0", "conversion", 1, "2026-11-21T12:00:01Z");
        // Seen by both, at first by stable; then one who doesn't say who he is, and one before the experiment.
        shop.ledger(
                Shop.STABLE,
                "select 7200 as second, 'b-0' as request_id, 0 as \"row\", 'both' as subject union all"
                        + " select 7200, 'a-0', 0, null union all select -1, 'early', 0, 'early'");
        shop.ledger(Shop.CANDIDATE, "select 7300 as second, 'b-1' as request_id, 0 as \"row\", 'both' as subject");
        shop.figure("b-1", "conversion", 1, "2026-11-21T11:00:00Z");

        var found = shop.judge(Shop.CONVERSION);

        assertThat(found.stable().people()).isEqualTo(201);
        assertThat(found.stable().mean()).isCloseTo(21.0 / 201, within(1e-12));
        assertThat(found.candidate().people()).isEqualTo(200);
        assertThat(found.candidate().mean()).isCloseTo(29.0 / 200, within(1e-12));
        assertThat(found.difference()).isCloseTo(29.0 / 200 - 21.0 / 201, within(1e-12));
        assertThat(found.requests()).isEqualTo(803);
        assertThat(found.anonymous()).isEqualTo(1);
        assertThat(found.both()).isEqualTo(1);
        assertThat(found.figures()).isEqualTo(53);
        assertThat(found.unmatched()).isEqualTo(1);
        assertThat(found.verdict()).isEqualTo(Verdict.Undecided);
        assertThat(found.recommendation())
                .isEqualTo("wait: 201 of 1303 people have seen 55ab012345, 200 of 1303 77cd012345");
        assertThat(found.notes())
                .containsExactly(
                        "1 of 803 predictions came without the header x-user-id, or were sent to their side by a"
                                + " match, and don't count");
        assertThat(found.ratioPValue()).isEqualTo(1);
    }

    @Test
    void aMeanIsOfWhatPeopleDidTogether() throws Exception {
        shop.people(Shop.STABLE, "s", 40, 0);
        shop.people(Shop.CANDIDATE, "c", 40, 0);
        for (int i = 0; i < 10; i++) {
            shop.figure("s" + i + "-0", "revenue", 2, "2026-11-21T11:00:00Z");
            shop.figure("s" + i + "-1", "revenue", 3.5, "2026-11-21T11:00:00Z");
            shop.figure("c" + i + "-0", "revenue", -1, "2026-11-21T11:00:00Z");
        }

        var found = shop.judge(REVENUE);

        assertThat(found.stable().mean()).isCloseTo(5.5 / 4, within(1e-12));
        // numpy.std([5.5] * 10 + [0] * 30, ddof=1)
        assertThat(found.stable().standardDeviation()).isCloseTo(2.4119095531, within(1e-9));
        assertThat(found.candidate().mean()).isCloseTo(-0.25, within(1e-12));
        assertThat(found.lift()).isCloseTo(-1.625 / 1.375, within(1e-12));
        assertThat(found.low()).isLessThan(-1.625);
        assertThat(found.high()).isGreaterThan(-1.625);
    }

    @Test
    void theBetterOneWins() throws Exception {
        shop.people(Shop.STABLE, "s", 1000, 100);
        shop.people(Shop.CANDIDATE, "c", 1010, 170);

        var result = shop.judge(shop.options(Shop.CONVERSION, Shop.AT, Duration.ZERO));

        var found = result.details();
        assertThat(found.verdict()).isEqualTo(Verdict.CandidateWins);
        assertThat(found.pValue()).isLessThan(0.05);
        assertThat(found.low()).isPositive();
        assertThat(found.recommendation())
                .startsWith("promote 77cd012345: conversion 0.1683 against 0.1 (+68.3 %), between +0.0")
                .contains("at 95.0 %, p ");
        assertThat(result.message()).isEqualTo("CandidateWins: " + found.recommendation());
        assertThat(shop.report())
                .contains("CandidateWins", "<svg", "0.1683", Shop.STABLE, Shop.CANDIDATE)
                .doesNotContain("<script", "http://", "https://");
        assertThat(found.report()).endsWith("experiments/shop/churn/1-a/report.html");
    }

    @Test
    void theWorseOneLoses() throws Exception {
        shop.people(Shop.STABLE, "s", 1000, 200);
        shop.people(Shop.CANDIDATE, "c", 1010, 120);

        var found = shop.judge(Shop.CONVERSION);

        assertThat(found.verdict()).isEqualTo(Verdict.StableWins);
        assertThat(found.recommendation()).startsWith("keep 55ab012345: ");
    }

    @Test
    void peopleWhoGetLostOnOneSideSpoilIt() throws Exception {
        shop.people(Shop.STABLE, "s", 1000, 100);
        shop.people(Shop.CANDIDATE, "c", 700, 140);

        var found = shop.judge(Shop.CONVERSION);

        assertThat(found.verdict()).isEqualTo(Verdict.Untrusted);
        assertThat(found.ratioPValue()).isLessThan(0.001);
        assertThat(found.recommendation()).contains("1000 people came to 55ab012345 and 700 to 77cd012345");
    }

    @ParameterizedTest
    @CsvSource({"12h, NoWinner", "13h, Undecided"})
    void timeIsUp(String maxDuration, Verdict verdict) throws Exception {
        shop.people(Shop.STABLE, "s", 200, 20);
        shop.people(Shop.CANDIDATE, "c", 200, 21);

        assertThat(shop.judge(Shop.CONVERSION.replace("14d", maxDuration)).verdict())
                .isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({"14d, Undecided", "12h, CandidateWins"})
    void whatIsLookedAtOnceWaitsForItsEnd(String maxDuration, Verdict verdict) throws Exception {
        shop.people(Shop.STABLE, "s", 500, 50);
        shop.people(Shop.CANDIDATE, "c", 500, 100);

        var found = shop.judge(
                Shop.CONVERSION.replace("maxDuration: 14d", "sequential: false, maxDuration: " + maxDuration));

        assertThat(found.verdict()).isEqualTo(verdict);
        assertThat(found.sequential()).isFalse();
        assertThat(found.notes()).hasSize(verdict == Verdict.Undecided ? 1 : 0);
    }

    /** Persons came from 1:00 on, half a second one after the other; conversions at 11:00. */
    @ParameterizedTest
    @CsvSource({"0s, 200, 20", "9h, 200, 0", "10h, 200, 20", "10h59m, 61, 20"})
    void peopleCountOnceTheyHadTheirTime(String settle, int people, int succeeded) throws Exception {
        shop.people(Shop.STABLE, "s", 200, 20);
        shop.people(Shop.CANDIDATE, "c", 200, 20);
        var options = shop.options(Shop.CONVERSION, Shop.AT, GoDuration.parse(settle));

        var found = shop.judge(options).details();

        assertThat(found.stable().people()).isEqualTo(people);
        assertThat(found.stable().mean() * people).isCloseTo(succeeded, within(1e-9));
    }

    @Test
    void anEmptyStoreSaysWhatIsMissing() throws Exception {
        var found = shop.judge(Shop.CONVERSION);

        assertThat(found.verdict()).isEqualTo(Verdict.Undecided);
        assertThat(found.notes().getFirst()).contains("spec.monitoring.ledger");
        assertThat(found.difference()).isNull();
        assertThat(found.pValue()).isEqualTo(1);
    }

    /** As earlier releases wrote it, and pods that no rollout by key routes. */
    @Test
    void aLedgerThatDoesNotSayWhoAskedIsNoExperiment() throws Exception {
        shop.ledger(Shop.STABLE, "select 7200 as second, 'b-0' as request_id, 0 as \"row\"");

        var found = shop.judge(Shop.CONVERSION);

        assertThat(found.anonymous()).isEqualTo(1);
        assertThat(found.notes())
                .containsExactly("no prediction says who asked: do callers send the header x-user-id?");
    }

    @Test
    void feedbackThatDoesNotFitIsNamed() throws Exception {
        shop.people(Shop.STABLE, "s", 40, 0);
        shop.people(Shop.CANDIDATE, "c", 40, 0);
        assertThat(shop.judge(Shop.CONVERSION).notes())
                .singleElement()
                .asString()
                .contains("no feedback has a figure called conversion");
        shop.figure("someone", "conversion", 1, "2026-11-21T11:00:00Z");
        assertThat(shop.judge(Shop.CONVERSION).notes())
                .singleElement()
                .asString()
                .contains("none of 1 figures belongs to a prediction");
    }

    @Test
    void aFileThatCannotBeReadIsLeftOut() throws Exception {
        shop.people(Shop.STABLE, "s", 40, 4);
        shop.people(Shop.CANDIDATE, "c", 40, 4);
        shop.write(
                "ledger/shop/churn/" + Shop.STABLE + "/2026-11-21/02/churn-a-0123456789ab-9.parquet",
                new byte[] {1, 2, 3});

        var found = shop.judge(Shop.CONVERSION);

        assertThat(found.damaged()).isEqualTo(1);
        assertThat(found.stable().people()).isEqualTo(40);
        assertThat(found.notes()).singleElement().asString().contains("churn-a-0123456789ab-9.parquet");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{sticky: {header: x}, metric: {name: c, kind: Proportion}, minimumEffect: 0.1}|baselineRate is missing",
                "{sticky: {header: x}, metric: {name: c, kind: Mean}, minimumEffect: 1}|baselineStandardDeviation is missing",
                "{sticky: {header: x}, metric: {name: c, kind: Proportion}, baselineRate: 0.95, minimumEffect: 0.1}|below 1",
                "{sticky: {header: x}, metric: {name: c, kind: Proportion}, baselineRate: 0.1}|minimumEffect",
                "{metric: {name: c, kind: Proportion}}|sticky"
            })
    void aMistakeIsItsAuthors(String abTest, String words) throws Exception {
        var options = shop.options(abTest, Shop.AT, Duration.ZERO);

        assertThatThrownBy(() -> shop.judge(options))
                .isInstanceOfSatisfying(StepFailure.class, failure -> assertThat(failure.reason())
                        .isEqualTo("InvalidDefinition"))
                .hasMessageContaining(words);
    }

    @Test
    void timeGoesForward() throws Exception {
        var options = shop.options(Shop.CONVERSION, Shop.SINCE, Duration.ZERO);

        assertThatThrownBy(() -> shop.judge(options)).hasMessageContaining("--since");
    }
}
