package dev.tatara.bench;

import dev.tatara.traffic.Choice;
import dev.tatara.traffic.TrafficTable;
import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.HeaderMatch;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What choosing who answers costs a request that is routed: by weight, by a sticky key, after rules that don't match. */
@State(Scope.Thread)
public class ChooseSide {
    private final Map<String, String> headers = Map.of("x-user-id", "user-4711", "content-type", "application/json");
    private Choice byWeight;
    private Choice byKey;
    private Choice byMatch;

    private static Choice choice(List<HeaderMatch> match, String stickyHeader) {
        return new Choice(new TrafficTable(
                TrafficTable.SCHEMA_VERSION,
                "uid",
                1,
                "salt",
                List.of(
                        new Entry("candidate", 25, false, List.of("10.0.0.1:8083")),
                        new Entry("stable", 75, false, List.of("10.0.0.2:8083"))),
                match,
                stickyHeader,
                null,
                10));
    }

    @Setup
    public void prepare() {
        byWeight = choice(List.of(), null);
        byKey = choice(List.of(), "x-user-id");
        byMatch = choice(
                List.of(new HeaderMatch("x-canary", "true", "candidate"), new HeaderMatch("x-beta", "1", "candidate")),
                null);
    }

    private int choose(Choice choice) {
        return choice.choose(headers::get, ThreadLocalRandom.current().nextInt(Choice.DRAWS));
    }

    @Benchmark
    public int byWeight() {
        return choose(byWeight);
    }

    @Benchmark
    public int byStickyKey() {
        return choose(byKey);
    }

    @Benchmark
    public int afterTwoRules() {
        return choose(byMatch);
    }
}
