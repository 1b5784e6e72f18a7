package dev.tatara.operator.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Alert;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AlertBookTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final AlertBook EMPTY = AlertBook.of(null);

    @Test
    void anAlertFiresAndEnds() {
        var firing = EMPTY.with(List.of(firing("a", NOON)), NOON);
        assertThat(firing.entries()).containsExactly(new Alert("a", "HighModelDrift", NOON, null, "firing"));
        assertThat(firing.firing()).isEqualTo(1);

        var end = NOON.plusSeconds(60);
        var ended = firing.with(List.of(resolved("a", NOON, end)), end);
        assertThat(ended.entries()).containsExactly(new Alert("a", "HighModelDrift", NOON, end, "resolved"));
        assertThat(ended.firing()).isZero();
    }

    @Test
    void repeatedNewsChangeNothing() {
        var news = List.of(firing("a", NOON), firing("b", NOON));
        var book = EMPTY.with(news, NOON);

        assertThat(book.with(news, NOON.plus(Duration.ofDays(3)))).isEqualTo(book);
    }

    @Test
    void aDelayedPostDoesNotBringAnAlertBackToLife() {
        var end = NOON.plusSeconds(60);
        var ended = EMPTY.with(List.of(firing("a", NOON), resolved("a", NOON, end)), end);

        assertThat(ended.with(List.of(firing("a", NOON)), end.plusSeconds(300))).isEqualTo(ended);
        assertThat(ended.with(List.of(firing("a", NOON.minusSeconds(1))), end.plusSeconds(300)))
                .isEqualTo(ended);
    }

    @Test
    void whatFiresAgainIsNews() {
        var end = NOON.plusSeconds(60);
        var ended = EMPTY.with(List.of(firing("a", NOON), resolved("a", NOON, end)), end);

        var again = ended.with(List.of(firing("a", end.plusSeconds(10))), end.plusSeconds(10));
        assertThat(again.entries())
                .containsExactly(new Alert("a", "HighModelDrift", end.plusSeconds(10), null, "firing"));

        // An Alertmanager that had lost sight of an alert tells of it with its old start.
        var later = end.plus(AlertBook.MEMORY);
        assertThat(ended.with(List.of(firing("a", NOON)), later).firing()).isEqualTo(1);
    }

    @Test
    void theNewestAreKeptAndAllAreCounted() {
        var news = storm(10_000);

        var book = EMPTY.with(news, NOON);
        assertThat(book.entries())
                .hasSize(50)
                .first()
                .extracting(Alert::fingerprint)
                .isEqualTo("f09999");
        assertThat(book.firing()).isEqualTo(10_000);
        assertThat(stored(book).with(news, NOON)).as("posted again").isEqualTo(book);

        var ended = news.stream()
                .map(item -> resolved(item.fingerprint(), item.startsAt(), NOON))
                .toList();
        var after = stored(book).with(ended, NOON);
        assertThat(after.firing()).isZero();
        assertThat(after.entries()).hasSize(50).noneMatch(Alert::fires);
        assertThat(after.with(List.of(), NOON.plus(AlertBook.MEMORY)).entries()).isEmpty();
    }

    @Test
    void whatHasNoRoomStillCountsWhenAllThatIsKeptHasEnded() {
        var news = storm(60);
        var book = EMPTY.with(news, NOON);
        var kept = book.entries().stream()
                .map(entry -> resolved(entry.fingerprint(), entry.startsAt(), NOON))
                .toList();

        assertThat(stored(book).with(kept, NOON).firing()).isEqualTo(10);
    }

    @Test
    void aLongNameIsCut() {
        var news = new AlertNews("a", true, NOON, null, Map.of("alertname", "x".repeat(1000)));
        assertThat(EMPTY.with(List.of(news), NOON).entries().getFirst().alertname())
                .hasSize(256);
    }

    /** Whatever the order and however often posts arrive, within the time that is remembered. */
    @Property
    void orderAndRepetitionDoNotMatter(
            @ForAll("histories") @Size(max = 40) List<AlertNews> news,
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 3) int posts) {
        var expected = new HashMap<String, AlertNews>();
        for (var item : news) {
            expected.merge(item.fingerprint(), item, AlertBookTest::later);
        }
        var mixed = new ArrayList<>(news);
        for (var post = 0; post < posts; post++) {
            mixed.addAll(news.subList(0, news.size() / (post + 1)));
        }
        Collections.shuffle(mixed, random);
        var book = EMPTY;
        for (var item : mixed) {
            book = stored(book).with(List.of(item), NOON);
        }
        assertThat(book.firing()).isEqualTo((int)
                expected.values().stream().filter(AlertNews::isFiring).count());
        assertThat(book.entries()).hasSize(expected.size()).allSatisfy(entry -> {
            var item = expected.get(entry.fingerprint());
            assertThat(entry.startsAt()).isEqualTo(item.startsAt());
            assertThat(entry.fires()).isEqualTo(item.isFiring());
        });
    }

    /** The bound holds and nothing is left when all has ended, even if each post tells of a part. */
    @Property(tries = 200)
    void aStormEnds(@ForAll @IntRange(min = 1, max = 400) int alerts, @ForAll @IntRange(min = 1, max = 100) int size) {
        var news = storm(alerts);
        var book = EMPTY;
        for (var start = 0; start < alerts; start += size) {
            book = stored(book).with(news.subList(start, Math.min(alerts, start + size)), NOON);
            assertThat(book.entries()).hasSizeLessThanOrEqualTo(50);
            assertThat(book.firing()).isBetween(Math.min(50, start + 1), alerts);
        }
        for (var item : news) {
            book = stored(book).with(List.of(resolved(item.fingerprint(), item.startsAt(), NOON)), NOON);
        }
        assertThat(book.firing()).isZero();
    }

    @Provide
    Arbitrary<List<AlertNews>> histories() {
        return Combinators.combine(
                        Arbitraries.of("a", "b", "c", "d"),
                        Arbitraries.integers().between(1, 5),
                        Arbitraries.of(true, false))
                .as((fingerprint, hour, fires) -> {
                    var start = NOON.minus(Duration.ofMinutes(2L * hour));
                    return fires ? firing(fingerprint, start) : resolved(fingerprint, start, start.plusSeconds(60));
                })
                .list();
    }

    private static AlertNews later(AlertNews left, AlertNews right) {
        var order = left.startsAt().compareTo(right.startsAt());
        return order > 0 || (order == 0 && !left.isFiring()) ? left : right;
    }

    private static List<AlertNews> storm(int alerts) {
        return IntStream.range(0, alerts)
                .mapToObj(number -> firing("f%05d".formatted(number), NOON.minusSeconds(alerts - number)))
                .toList();
    }

    /** As it comes back from the API server. */
    private static AlertBook stored(AlertBook book) {
        return AlertBook.of(DriftPolicyStatus.ofAlerts(book.entries(), book.firing()));
    }

    private static AlertNews firing(String fingerprint, Instant start) {
        return new AlertNews(fingerprint, true, start, null, Map.of("alertname", "HighModelDrift"));
    }

    private static AlertNews resolved(String fingerprint, Instant start, Instant end) {
        return new AlertNews(fingerprint, false, start, end, Map.of("alertname", "HighModelDrift"));
    }
}
