package dev.tatara.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.HeaderMatch;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ChoiceTest {
    private static final Map<String, String> NOTHING = Map.of();
    /** Of a normal distribution, both sides together 99.9 %. */
    private static final double Z = 3.2905;

    private static TrafficTable split(int candidate) {
        return Tables.of(List.of(Tables.entry("candidate", candidate), Tables.entry("stable", 100 - candidate)));
    }

    private static TrafficTable sticky(int candidate) {
        return Tables.with(split(candidate), List.of(), "x-user-id", null);
    }

    private static int choose(TrafficTable table, Map<String, String> headers, int draw) {
        return new Choice(table).choose(headers::get, draw);
    }

    @Property
    void eachDrawHasItsSide(@ForAll @IntRange(max = 100) int weight) {
        Choice choice = new Choice(split(weight));
        int candidates = 0;
        for (int draw = 0; draw < Choice.DRAWS; draw++) {
            candidates += choice.choose(NOTHING::get, draw) == 0 ? 1 : 0;
        }
        assertThat(candidates).isEqualTo(weight * Choice.DRAWS / 100);
    }

    @Property(tries = 50)
    void requestsAreSplitByTheWeights(@ForAll @IntRange(min = 1, max = 99) int weight, @ForAll long seed) {
        Choice choice = new Choice(split(weight));
        Random random = new Random(seed);
        int requests = 20_000;
        int candidates = 0;
        for (int i = 0; i < requests; i++) {
            candidates += choice.choose(NOTHING::get, random.nextInt(Choice.DRAWS)) == 0 ? 1 : 0;
        }
        assertThat((double) candidates).isCloseTo(requests * weight / 100.0, wide(requests, weight / 100.0));
    }

    /** Twice as wide as 99.9 %, so that fifty tries with any seed don't fail by chance. */
    private static Offset<Double> wide(int requests, double share) {
        return Offset.offset(2 * Z * Math.sqrt(requests * share * (1 - share)));
    }

    @Test
    void keysAreSplitByTheWeights() {
        for (int weight : new int[] {5, 25, 50}) {
            Choice choice = new Choice(sticky(weight));
            int keys = 100_000;
            int candidates = 0;
            for (int key = 0; key < keys; key++) {
                candidates += choice.choose(Map.of("x-user-id", "user-" + key)::get, 0) == 0 ? 1 : 0;
            }
            double share = weight / 100.0;
            assertThat((double) candidates)
                    .isCloseTo(keys * share, Offset.offset(Z * Math.sqrt(keys * share * (1 - share))));
        }
    }

    @Property
    void aKeyIsAlwaysOnTheSameSide(
            @ForAll @StringLength(min = 1, max = 40) String key,
            @ForAll @IntRange(max = 100) int weight,
            @ForAll @IntRange(max = Choice.DRAWS - 1) int draw) {
        Map<String, String> headers = Map.of("x-user-id", key);
        assertThat(choose(sticky(weight), headers, draw)).isEqualTo(choose(sticky(weight), headers, 0));
    }

    @Property
    void aKeyStaysWithTheCandidateWhenItsWeightRises(
            @ForAll @StringLength(min = 1, max = 40) String key,
            @ForAll @IntRange(max = 100) int one,
            @ForAll @IntRange(max = 100) int other) {
        Map<String, String> headers = Map.of("x-user-id", key);
        if (choose(sticky(Math.min(one, other)), headers, 0) == 0) {
            assertThat(choose(sticky(Math.max(one, other)), headers, 0)).isZero();
        }
    }

    @Test
    void anotherSaltSendsKeysToOtherSides() {
        Choice here = new Choice(sticky(50));
        Choice there = new Choice(Tables.salted(sticky(50), "pepper"));
        int keys = 10_000;
        int moved = 0;
        for (int key = 0; key < keys; key++) {
            Map<String, String> headers = Map.of("x-user-id", "user-" + key);
            moved += here.choose(headers::get, 0) == there.choose(headers::get, 0) ? 0 : 1;
        }
        assertThat(moved).isBetween(4_800, 5_200);
    }

    @Test
    void sidesOfKeysAreTheSameInEveryVersion() {
        Choice choice = new Choice(sticky(50));
        StringBuilder sides = new StringBuilder();
        for (int key = 0; key < 16; key++) {
            sides.append(choice.choose(Map.of("x-user-id", "user-" + key)::get, 0));
        }
        assertThat(sides).hasToString("0010000111011101");
    }

    @Test
    void whoAsksIsADigestOfTheKey() {
        TrafficTable table =
                Tables.with(split(50), List.of(new HeaderMatch("x-canary", "true", "candidate")), "x-user-id", null);
        Choice choice = new Choice(table);
        assertThat(choice.subject(Map.of("x-user-id", "ann")::get)).isEqualTo("b75f00cda45f1af5");
        assertThat(choice.subject(Map.of("x-user-id", "ann", "x-canary", "true")::get))
                .isNull();
        assertThat(choice.subject(NOTHING::get)).isNull();
        assertThat(new Choice(split(50)).subject(Map.of("x-user-id", "ann")::get))
                .isNull();
    }

    @Test
    void requestsWithoutAKeyAreDrawn() {
        assertThat(choose(sticky(50), NOTHING, 4_999)).isZero();
        assertThat(choose(sticky(50), NOTHING, 5_000)).isOne();
        assertThat(choose(sticky(50), Map.of("x-user-id", ""), 5_000)).isOne();
    }

    @Test
    void aMatchComesBeforeKeyAndWeight() {
        TrafficTable table = Tables.with(
                split(0),
                List.of(
                        new HeaderMatch("x-canary", "true", "candidate"),
                        new HeaderMatch("x-canary", "never", "stable")),
                "x-user-id",
                null);
        assertThat(choose(table, Map.of("x-canary", "true", "x-user-id", "ann"), 0))
                .isZero();
        assertThat(choose(table, Map.of("x-canary", "never"), 0)).isOne();
        assertThat(choose(table, Map.of("x-canary", "TRUE"), 0)).isOne();
        assertThat(choose(table, NOTHING, 0)).isOne();
    }

    @Property
    void aClosedRevisionIsNeverChosen(
            @ForAll @IntRange(max = Choice.DRAWS - 1) int draw, @ForAll @StringLength(max = 20) String key) {
        TrafficTable table = Tables.with(
                Tables.of(List.of(new Entry("candidate", 0, true, List.of()), Tables.entry("stable", 100))),
                List.of(new HeaderMatch("x-canary", "true", "candidate")),
                "x-user-id",
                null);
        assertThat(choose(table, Map.of("x-canary", "true", "x-user-id", key), draw))
                .isOne();
        assertThat(choose(table, Map.of("x-user-id", key), draw)).isOne();
        assertThat(choose(table, NOTHING, draw)).isOne();
    }

    @Property
    void oneOfManyEntriesWithAWeightIsChosen(
            @ForAll @IntRange(min = 1, max = TrafficTable.MOST_ENTRIES) int entries,
            @ForAll long seed,
            @ForAll @IntRange(max = Choice.DRAWS - 1) int draw) {
        Random random = new Random(seed);
        int[] weights = new int[entries];
        for (int percent = 0; percent < 100; percent++) {
            weights[random.nextInt(entries)]++;
        }
        TrafficTable table = Tables.of(IntStream.range(0, entries)
                .mapToObj(i -> Tables.entry("r" + i, weights[i]))
                .toList());
        assertThat(weights[choose(table, NOTHING, draw)]).isPositive();
    }
}
