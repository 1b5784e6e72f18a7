package dev.tatara.traffic;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.HeaderMatch;
import dev.tatara.traffic.TrafficTable.Shadow;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrafficTableTest {
    private static void refused(List<Entry> entries, String expected) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tables.of(entries))
                .withMessageContaining(expected);
    }

    @Test
    void whatDoesNotAddUpIsRefused() {
        refused(List.of(), "1 to 16 entries");
        refused(List.of(Tables.entry("a", 99)), "weights that add up to 100, found 99");
        refused(List.of(Tables.entry("a", 50), Tables.entry("a", 50)), "each revision once, found a");
    }

    @Test
    void aClosedEntryHasNoWeight() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Entry("a", 1, true, List.of()))
                .withMessageContaining("weight 0 of a closed entry, found 1");
    }

    @Test
    void peersHaveAPort() {
        for (String peer : List.of("10.0.0.1", ":8083", "10.0.0.1:", "10.0.0.1:808300", "10.0.0.1:http", " ")) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Entry("a", 100, false, List.of(peer)));
        }
        Tables.of(List.of(new Entry("a", 100, false, List.of("10.0.0.1:8083", "[fd00::1]:8083"))));
    }

    @Test
    void rulesAndShadowsNeedAnEntry() {
        TrafficTable plain = Tables.of(List.of(Tables.entry("a", 100)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tables.with(plain, List.of(new HeaderMatch("x-canary", "true", "b")), null, null))
                .withMessageContaining("matches of entries, found b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tables.with(plain, List.of(), null, new Shadow("b", 100, 0)))
                .withMessageContaining("a shadow that has an entry, found b");
    }
}
