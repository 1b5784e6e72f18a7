package dev.tatara.operator.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.api.v1alpha1.common.Schedule;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CronScheduleTest {
    private static final String FIELD = "spec.materialization.schedule";

    @ParameterizedTest(name = "{0} {1} after {2}")
    @CsvSource(delimiter = '|', textBlock = """
            0 2 * * *     |                     | 2026-01-01T00:30:00Z | 2026-01-01T02:00:00Z
            0 2 * * *     |                     | 2026-01-01T02:00:00Z | 2026-01-02T02:00:00Z
            0 2 * * *     | Asia/Tokyo          | 2026-01-01T00:30:00Z | 2026-01-01T17:00:00Z
            */15 * * * *  |                     | 2026-01-01T00:16:01Z | 2026-01-01T00:30:00Z
            0  2 * *   0  |                     | 2026-01-01T00:30:00Z | 2026-01-04T02:00:00Z
            0 2 * * 7     |                     | 2026-01-01T00:30:00Z | 2026-01-04T02:00:00Z
            0 2 * * SUN   |                     | 2026-01-01T00:30:00Z | 2026-01-04T02:00:00Z
            0 0 13 * 5    |                     | 2026-01-03T00:00:00Z | 2026-01-09T00:00:00Z
            0 0 29 2 *    |                     | 2026-01-01T00:00:00Z | 2028-02-29T00:00:00Z
            @hourly       |                     | 2026-01-01T00:30:00Z | 2026-01-01T01:00:00Z
            @daily        | Europe/Berlin       | 2026-01-01T00:30:00Z | 2026-01-01T23:00:00Z
            @weekly       |                     | 2026-01-01T00:30:00Z | 2026-01-04T00:00:00Z
            @annually     |                     | 2026-01-01T00:30:00Z | 2027-01-01T00:00:00Z
            """)
    void namesTheNextTime(String cron, String timeZone, Instant after, Instant next) {
        assertThat(schedule(cron, timeZone).next(after)).isEqualTo(next);
    }

    /** 2026: the gap is 29 March 02:00 to 03:00, what comes twice is 25 October 02:00 to 03:00. */
    @ParameterizedTest(name = "{0} {1} from {2}")
    @CsvSource(delimiter = '|', textBlock = """
            30 2 * * *    | Europe/Berlin       | 2026-03-28T00:00:00Z | 2026-03-28T01:30:00Z 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z
            30 2 * * *    | Europe/Berlin       | 2026-10-24T00:00:00Z | 2026-10-24T00:30:00Z 2026-10-25T00:30:00Z 2026-10-26T01:30:00Z
            0,30 2 * * *  | Europe/Berlin       | 2026-03-28T02:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T00:00:00Z 2026-03-30T00:30:00Z
            0 * * * *     | Europe/Berlin       | 2026-03-28T23:30:00Z | 2026-03-29T00:00:00Z 2026-03-29T01:00:00Z 2026-03-29T02:00:00Z
            0 * * * *     | Europe/Berlin       | 2026-10-24T23:30:00Z | 2026-10-25T00:00:00Z 2026-10-25T01:00:00Z 2026-10-25T02:00:00Z
            */30 2 * * *  | Europe/Berlin       | 2026-03-28T23:30:00Z | 2026-03-30T00:00:00Z 2026-03-30T00:30:00Z
            */30 2 * * *  | Europe/Berlin       | 2026-10-24T23:30:00Z | 2026-10-25T00:00:00Z 2026-10-25T00:30:00Z 2026-10-25T01:00:00Z 2026-10-25T01:30:00Z 2026-10-26T01:00:00Z
            0 0 * * *     | America/Sao_Paulo   | 2018-11-03T04:00:00Z | 2018-11-04T03:00:00Z 2018-11-05T02:00:00Z
            0 2 * * *     | Australia/Lord_Howe | 2026-10-02T16:00:00Z | 2026-10-03T15:30:00Z 2026-10-04T15:00:00Z
            """)
    void comesOnceADayWhereClocksAreChanged(String cron, String timeZone, Instant from, String expected) {
        var schedule = schedule(cron, timeZone);
        var times = Stream.of(expected.split(" ", -1)).map(Instant::parse).toList();
        assertThat(Stream.iterate(schedule.next(from), schedule::next).limit(times.size()))
                .isEqualTo(times);
    }

    @Test
    void aTimeWithinAnHourThatComesTwiceIsNotRepeated() {
        var schedule = schedule("30 2 * * *", "Europe/Berlin");
        // In the second 02:15: the first 02:30 has been, the second isn't meant.
        assertThat(schedule.next(Instant.parse("2026-10-25T01:15:00Z"))).isEqualTo("2026-10-26T01:30:00Z");
    }

    @Test
    void theLatestTimeIsFoundHoweverManyThereWere() {
        var from = Instant.parse("2021-01-01T00:00:00Z");
        var upTo = Instant.parse("2026-01-02T03:04:05Z");
        assertThat(schedule("* * * * *", null).latest(from, upTo)).contains(Instant.parse("2026-01-02T03:04:00Z"));
        assertThat(schedule("0 2 * * 0", null).latest(from, upTo)).contains(Instant.parse("2025-12-28T02:00:00Z"));
        assertThat(schedule("0 0 29 2 *", null).latest(from, upTo)).contains(Instant.parse("2024-02-29T00:00:00Z"));
        assertThat(schedule("0 3 2 1 *", null).latest(Instant.parse("2026-01-02T03:00:00Z"), upTo))
                .contains(Instant.parse("2026-01-02T03:00:00Z"));
        assertThat(schedule("0 4 * * *", null).latest(Instant.parse("2026-01-02T00:00:00Z"), upTo))
                .isEmpty();
    }

    @Test
    void whatIsALittleLateIsDueAndWhatWasMissedOnlyIfItIsToBeMadeUpFor() {
        var planned = Instant.parse("2026-01-02T03:00:00Z");
        for (var catchUp : List.of(true, false)) {
            var schedule = CronSchedule.of(new Schedule("0 * * * *", null, catchUp), FIELD);
            assertThat(schedule.isDue(planned, planned.minusSeconds(1))).isFalse();
            assertThat(schedule.isDue(planned, planned)).isTrue();
            assertThat(schedule.isDue(planned, planned.plusSeconds(300))).isTrue();
            assertThat(schedule.isDue(planned, planned.plusSeconds(301))).isEqualTo(catchUp);
            // The one that was planned was missed, a later one wasn't.
            assertThat(schedule.isDue(planned, planned.plusSeconds(5 * 3600 + 60)))
                    .isTrue();
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', textBlock = """
            61 * * * *   |            | spec.materialization.schedule.cron: '61 * * * *' can't be read: Value 61 not in range [0, 59]. Expected five fields
            */0 * * * *  |            | spec.materialization.schedule.cron: '*/0 * * * *' can't be read: Period 0 not in range
            5-1 * * * *  |            | spec.materialization.schedule.cron: '5-1 * * * *' can't be read: Invalid range
            a b c d e    |            | spec.materialization.schedule.cron: 'a b c d e' can't be read: Invalid chars
            0 2 * *      |            | spec.materialization.schedule.cron: '0 2 * *' can't be read
            0 2 L * *    |            | spec.materialization.schedule.cron: '0 2 L * *' can't be read
            @reboot      |            | spec.materialization.schedule.cron: '@reboot' can't be read
            0 0 31 2 *   |            | spec.materialization.schedule.cron: '0 0 31 2 *' never comes
            0 0 31 4,6 * |            | spec.materialization.schedule.cron: '0 0 31 4,6 *' never comes
            0 2 * * *    | Asia/Tokio | spec.materialization.schedule.timeZone: there is no time zone 'Asia/Tokio'
            0 2 * * *    | +09:00     | spec.materialization.schedule.timeZone: there is no time zone '+09:00'
            """)
    void nonsenseIsNamedWithItsField(String cron, String timeZone, String message) {
        assertThatThrownBy(() -> schedule(cron, timeZone))
                .isInstanceOf(InvalidScheduleException.class)
                .hasMessageStartingWith(message);
    }

    private static CronSchedule schedule(String cron, String timeZone) {
        return CronSchedule.of(new Schedule(cron, timeZone, null), FIELD);
    }
}
