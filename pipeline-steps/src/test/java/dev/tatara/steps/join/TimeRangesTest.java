package dev.tatara.steps.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.steps.join.FeatureTable.DataFile;
import dev.tatara.steps.join.TimeRanges.Range;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimeRangesTest {
    private static final Range EVERYTHING = new Range(Long.MIN_VALUE, Long.MAX_VALUE);

    private static DataFile file(long from, long to) {
        return new DataFile(
                Path.of("rows.parquet"), Instant.EPOCH.plusMillis(from), Instant.EPOCH.plusMillis(to), true);
    }

    private static Range range(long from, long to) {
        return new Range(from * 1000, to * 1000);
    }

    @Test
    void filesThatFollowEachOtherLeaveNoDoubt() {
        assertThat(TimeRanges.doubtful(List.of())).isEmpty();
        assertThat(TimeRanges.doubtful(List.of(file(1, 5)))).isEmpty();
        assertThat(TimeRanges.doubtful(List.of(file(1, 5), file(6, 9), file(10, 12))))
                .isEmpty();
    }

    @Test
    void whereFilesMeetRowsMayRepeat() {
        assertThat(TimeRanges.doubtful(List.of(file(1, 5), file(5, 9)))).containsExactly(range(5, 5));
        assertThat(TimeRanges.doubtful(List.of(file(10, 20), file(1, 30)))).containsExactly(range(10, 20));
        assertThat(TimeRanges.doubtful(List.of(file(1, 5), file(4, 9), file(8, 12))))
                .containsExactly(range(4, 5), range(8, 9));
        assertThat(TimeRanges.doubtful(List.of(file(1, 9), file(2, 5), file(4, 12))))
                .containsExactly(range(2, 9));
    }

    @Test
    void ofAnUnknownFileEverythingIsDoubtful() {
        assertThat(TimeRanges.doubtful(List.of(DataFile.of(Path.of("rows.parquet")))))
                .containsExactly(EVERYTHING);
        assertThat(TimeRanges.doubtful(List.of(file(1, 5), DataFile.of(Path.of("rows.parquet")))))
                .containsExactly(EVERYTHING);
        assertThat(TimeRanges.doubtful(List.of(
                        new DataFile(Path.of("rows.parquet"), null, Instant.EPOCH.plusMillis(3), true), file(1, 5))))
                .containsExactly(range(1, 3));
    }
}
