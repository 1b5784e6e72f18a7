package dev.tatara.traffic;

import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.HeaderMatch;
import dev.tatara.traffic.TrafficTable.Shadow;
import java.util.List;

final class Tables {
    private Tables() {}

    static Entry entry(String revision, int weight) {
        return new Entry(revision, weight, false, List.of("10.0.0." + revision.length() + ":8083"));
    }

    static TrafficTable of(List<Entry> entries) {
        return new TrafficTable(TrafficTable.SCHEMA_VERSION, "uid", 1, "salt", entries, List.of(), null, null, 10);
    }

    static TrafficTable with(TrafficTable table, List<HeaderMatch> match, String stickyHeader, Shadow shadow) {
        return new TrafficTable(
                table.schemaVersion(),
                table.service(),
                table.generation(),
                table.salt(),
                table.entries(),
                match,
                stickyHeader,
                shadow,
                table.bucketSeconds());
    }

    static TrafficTable salted(TrafficTable table, String salt) {
        return new TrafficTable(
                table.schemaVersion(),
                table.service(),
                table.generation(),
                salt,
                table.entries(),
                table.match(),
                table.stickyHeader(),
                table.shadow(),
                table.bucketSeconds());
    }
}
