package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.it.Rounds.Round;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A short run of bench/shadow. */
class ShadowCostIT {
    @Test
    void nobodyWaitsForAShadow() throws Exception {
        try (ShadowBench bench = new ShadowBench()) {
            Rounds rounds = bench.measure(3, 150, 300);

            // Who waited for the shadow would have waited for all of its sleep.
            double without = Stream.of(ShadowBench.NONE, ShadowBench.AGAIN)
                    .flatMap(setting -> rounds.of(setting).stream())
                    .mapToDouble(Round::p99)
                    .max()
                    .orElseThrow();
            double limit = without + TimeUnit.NANOSECONDS.toMicros(ShadowBench.SLEEP.toNanos()) / 2.0;
            for (String setting : List.of(ShadowBench.LIVE, ShadowBench.SLOW, ShadowBench.DEAD)) {
                assertThat(rounds.median(setting, Round::p99)).as(setting).isLessThan(limit);
            }
            assertThat(bench.copies("same")).as(bench.copies()).isPositive();
            assertThat(bench.copies("failed")).as(bench.copies()).isPositive();
            assertThat(bench.copies("dropped")).as(bench.copies()).isPositive();
        }
    }
}
