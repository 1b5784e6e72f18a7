package dev.tatara.operator.modelversion.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.operator.modelversion.plan.StageElection.Candidate;
import dev.tatara.operator.modelversion.plan.StageElection.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class StageElectionTest {
    @Example
    void theHighestEligibleClaimantOfProductionGetsIt() {
        var stages = elect(
                candidate("2", Stage.Production), candidate("10", Stage.Production), candidate("9", Stage.Production));

        assertThat(stages)
                .isEqualTo(Map.of("churn-2", Stage.Archived, "churn-10", Stage.Production, "churn-9", Stage.Archived));
    }

    @Example
    void theHolderStaysWhileTheNewestIsBeingVerified() {
        var stages = elect(candidate("1", Stage.Production), ineligible("2", Stage.Production, "it isn't verified"));

        assertThat(stages).isEqualTo(Map.of("churn-1", Stage.Production, "churn-2", Stage.None));
    }

    @Example
    void aWithdrawnClaimGivesTheStageBackToTheOlderOne() {
        assertThat(elect(candidate("1", Stage.Production), candidate("2", Stage.Production)))
                .isEqualTo(Map.of("churn-1", Stage.Archived, "churn-2", Stage.Production));
        assertThat(elect(candidate("1", Stage.Production), candidate("2", null)))
                .isEqualTo(Map.of("churn-1", Stage.Production, "churn-2", Stage.None));
    }

    @Example
    void withoutAValidClaimantNobodyHoldsProduction() {
        assertThat(elect(candidate("1", Stage.None), ineligible("2", Stage.Production, "it is quarantined")))
                .isEqualTo(Map.of("churn-1", Stage.None, "churn-2", Stage.None));
    }

    @Example
    void equalVersionsAreToldApartByTheirNames() {
        assertThat(elect(
                        new Candidate("a", "1.0", Stage.Production, null),
                        new Candidate("b", "1.0", Stage.Production, null)))
                .isEqualTo(Map.of("a", Stage.Archived, "b", Stage.Production));
    }

    @Example
    void theReasonNamesTheWinner() {
        var verdict = StageElection.elect(candidate("1", Stage.Production), List.of(candidate("2", Stage.Production)));

        assertThat(verdict)
                .isEqualTo(new Verdict(Stage.Archived, "churn-2 (version 2) claims Production and is higher"));
    }

    @Property
    void atMostOneHoldsProductionAndItIsTheHighestEligible(@ForAll("models") List<Candidate> model) {
        var holders = elect(model).entrySet().stream()
                .filter(entry -> entry.getValue() == Stage.Production)
                .map(Map.Entry::getKey)
                .toList();

        var expected = model.stream()
                .filter(candidate -> candidate.claim() == Stage.Production && candidate.isEligible())
                .max(Comparator.comparing(Candidate::version, VersionOrder.INSTANCE)
                        .thenComparing(Candidate::name));
        assertThat(holders).isEqualTo(expected.map(Candidate::name).stream().toList());
    }

    @Property
    void theOrderInWhichVersionsAreSeenDoesNotMatter(@ForAll("models") List<Candidate> model, @ForAll long seed) {
        var shuffled = new ArrayList<>(model);
        Collections.shuffle(shuffled, new Random(seed));

        assertThat(elect(shuffled)).isEqualTo(elect(model));
    }

    @Property
    void nobodyGetsMoreThanItClaims(@ForAll("models") List<Candidate> model) {
        elect(model).forEach((name, stage) -> {
            var self = model.stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            if (!self.isEligible() && self.claim() != Stage.Archived) {
                assertThat(stage).isEqualTo(Stage.None);
            }
            if (stage == Stage.Production || stage == Stage.Staging) {
                assertThat(stage).isEqualTo(self.claim());
            }
        });
    }

    @Provide
    Arbitrary<List<Candidate>> models() {
        var versions = Arbitraries.of("1", "2", "9", "10", "1.0.0", "1.0.0-rc.1", "v2", "latest");
        var claims = Arbitraries.of(Stage.values()).injectNull(0.2);
        var obstacles = Arbitraries.of("it isn't verified", "it is quarantined").injectNull(0.6);
        var candidates = Combinators.combine(Arbitraries.integers().between(1, 30), versions, claims, obstacles)
                .as((number, version, claim, obstacle) -> new Candidate("churn-" + number, version, claim, obstacle));
        return candidates.list().ofMaxSize(8).uniqueElements(Candidate::name);
    }

    private static Map<String, Stage> elect(Candidate... model) {
        return elect(Arrays.asList(model));
    }

    /** Each version decides for itself, as the reconciler does. */
    private static Map<String, Stage> elect(List<Candidate> model) {
        return model.stream().collect(Collectors.toMap(Candidate::name, self -> StageElection.elect(
                        self,
                        model.stream().filter(other -> !other.equals(self)).toList())
                .stage()));
    }

    private static Candidate candidate(String version, Stage claim) {
        return new Candidate("churn-" + version, version, claim, null);
    }

    private static Candidate ineligible(String version, Stage claim, String obstacle) {
        return new Candidate("churn-" + version, version, claim, obstacle);
    }
}
