package dev.tatara.operator.inferenceservice.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.rollout.Rollout;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * Days and years of rollouts: whatever happens in whatever order, every decision of the machine keeps the rules of
 * docs/decisions/196, as {@link RolloutRules} has them. docs/decisions/202 says which mistakes it is known to find.
 */
class RolloutMachinePropertiesTest {
    /** Histories of each try: {@code hack/verify --long} plays ten, more than a million hours together. */
    private static final int TIMES = Integer.getInteger("tatara.rollout.times", 1);

    private static long histories;
    private static long looks;
    private static Duration played = Duration.ZERO;

    private record Life(Rollout rollout, List<Happening> history) {}

    @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
    void everyDecisionKeepsTheRules(@ForAll("lives") List<Life> lives) {
        for (var life : lives) {
            var service = new SimulatedRollout(life.rollout());
            life.history().forEach(service::happen);
            service.comesToRest();
            histories++;
            looks += service.looks();
            played = played.plus(service.age());
        }
    }

    @Provide
    Arbitrary<List<Life>> lives() {
        return Combinators.combine(Histories.rollouts(), Histories.histories())
                .as(Life::new)
                .list()
                .ofSize(TIMES);
    }

    @AfterContainer
    static void tellsHowLongWasPlayed() {
        System.out.printf("%,d hours of rollouts in %,d histories, %,d looks%n", played.toHours(), histories, looks);
        // Ten thousand histories are a million hours.
        assertThat(played.toHours()).isGreaterThanOrEqualTo(100 * histories);
    }
}
