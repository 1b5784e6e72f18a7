package dev.tatara.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OnlineReadTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final JoinKey USER = new JoinKey("user", FeatureType.INT64);
    private static final JoinKey COUNTRY = new JoinKey("country", FeatureType.STRING);

    private final Map<ByteBuffer, byte[]> hash = new HashMap<>();

    @Test
    void viewsOfOneEntityAreOneLookup() {
        var read = new OnlineRead(List.of(
                view("spend", Duration.ZERO, USER, COUNTRY),
                view("visits", Duration.ZERO, USER),
                view("clicks", Duration.ZERO, COUNTRY, USER),
                new OnlineView("other", "visits", List.of(USER), List.of(), Duration.ZERO)));

        assertThat(read.lookups())
                .extracting(OnlineRead.Lookup::toString)
                .containsExactly("[spend, clicks] by [user, country]", "[visits] by [user]", "[visits] by [user]");
        var first = read.lookups().getFirst();
        assertThat(first.fields())
                .containsExactly(
                        OnlineField.ofEventTime("spend"),
                        OnlineField.of("spend", "amount"),
                        OnlineField.of("spend", "count"),
                        OnlineField.ofEventTime("clicks"),
                        OnlineField.of("clicks", "amount"),
                        OnlineField.of("clicks", "count"));
        assertThat(first.key(7L, "DE")).isEqualTo(new EntityKeyFormat("shop", List.of(COUNTRY, USER)).encode("DE", 7L));
        assertThat(read.size()).isEqualTo(6);
        assertThat(read.view(4).name()).isEqualTo("clicks");
        assertThat(read.feature(5).name()).isEqualTo("count");
    }

    @Test
    void whatIsThereIsPresent() {
        put("spend", NOW.minusSeconds(5), 12.5, 3L);

        var row = read(view("spend", Duration.ofHours(1), USER));

        assertThat(row.status(0)).isEqualTo(FeatureStatus.PRESENT);
        assertThat(row.value(0)).isEqualTo(12.5);
        assertThat(row.number(0)).isEqualTo(12.5);
        assertThat(row.number(1)).isEqualTo(3);
        assertThat(row.integer(1)).isEqualTo(3);
        assertThat(row.eventTime(1)).isEqualTo(NOW.minusSeconds(5));
        assertThat(row.isDefault(0)).isFalse();
    }

    @Test
    void whatIsNullIsNull() {
        put("spend", NOW, null, 3L);

        var row = read(view("spend", Duration.ZERO, USER));

        assertThat(row.status(0)).isEqualTo(FeatureStatus.NULL_VALUE);
        assertThat(row.hasValue(0)).isFalse();
        assertThat(row.value(0)).isNull();
        assertThat(row.number(0)).isNaN();
        assertThat(row.status(1)).isEqualTo(FeatureStatus.PRESENT);
        assertThatExceptionOfType(NoSuchElementException.class)
                .isThrownBy(() -> row.integer(0))
                .withMessage("no value of amount: NULL_VALUE");
    }

    @Test
    void anUnknownEntityAndAFeatureThatIsNewAreNotFound() {
        assertThat(statuses(read(view("spend", Duration.ofHours(1), USER))))
                .containsExactly(FeatureStatus.NOT_FOUND, FeatureStatus.NOT_FOUND);

        put("spend", NOW, 1.0, null);
        hash.remove(ByteBuffer.wrap(OnlineField.of("spend", "count")));
        assertThat(statuses(read(view("spend", Duration.ofHours(1), USER))))
                .containsExactly(FeatureStatus.PRESENT, FeatureStatus.NOT_FOUND);
    }

    @Test
    void aRowCountsUpToItsTimeToLiveInclusive() {
        var view = view("spend", Duration.ofHours(1), USER);

        put("spend", NOW.minus(Duration.ofHours(1)), 1.0, 1L);
        assertThat(statuses(read(view))).containsOnly(FeatureStatus.PRESENT);

        put("spend", NOW.minus(Duration.ofHours(1)).minusNanos(1), 1.0, 1L);
        var late = read(view);
        assertThat(statuses(late)).containsOnly(FeatureStatus.OUTSIDE_MAX_AGE);
        assertThat(late.hasValue(0))
                .as("a value that doesn't count isn't given")
                .isFalse();
        assertThat(late.eventTime(0)).isNotNull();

        assertThat(statuses(read(view("spend", Duration.ZERO, USER)))).containsOnly(FeatureStatus.PRESENT);
    }

    @Test
    void aRowWithoutATimeOutlivesNothing() {
        put("spend", NOW, 1.0, 1L);
        hash.remove(ByteBuffer.wrap(OnlineField.ofEventTime("spend")));

        assertThat(statuses(read(view("spend", Duration.ofDays(9999), USER))))
                .containsOnly(FeatureStatus.OUTSIDE_MAX_AGE);
        assertThat(statuses(read(view("spend", Duration.ZERO, USER)))).containsOnly(FeatureStatus.PRESENT);

        hash.put(ByteBuffer.wrap(OnlineField.ofEventTime("spend")), new byte[] {1});
        var row = read(view("spend", Duration.ofDays(9999), USER));
        assertThat(statuses(row)).containsOnly(FeatureStatus.OUTSIDE_MAX_AGE);
        assertThat(row.eventTime(0)).isNull();
    }

    @Test
    void defaultsStandInForWhateverIsMissingAndTheStatusSaysWhatIs() {
        var view = new OnlineView(
                "shop",
                "spend",
                List.of(USER),
                List.of(
                        new OnlineFeature("amount", FeatureType.DOUBLE, 0.5),
                        new OnlineFeature("count", FeatureType.INT64, 9L)),
                Duration.ofHours(1));

        put("spend", NOW, null, 3L);
        var row = read(view);
        assertThat(statuses(row)).containsExactly(FeatureStatus.NULL_VALUE, FeatureStatus.PRESENT);
        assertThat(row.number(0)).isEqualTo(0.5);
        assertThat(row.isDefault(0)).isTrue();
        assertThat(row.integer(1)).isEqualTo(3);

        put("spend", NOW.minus(Duration.ofDays(1)), 1.0, 3L);
        assertThat(read(view).value(1)).isEqualTo(9L);
        hash.clear();
        assertThat(read(view).value(1)).isEqualTo(9L);
    }

    @Test
    void whatIsNoValueOfTheTypeIsInvalid() {
        put("spend", NOW, 1.0, 3L);
        hash.put(ByteBuffer.wrap(OnlineField.of("spend", "amount")), ValueCodec.encode(FeatureType.STRING, "x"));
        hash.put(ByteBuffer.wrap(OnlineField.of("spend", "count")), new byte[] {7, 7, 7});

        var row = read(view("spend", Duration.ZERO, USER));
        assertThat(statuses(row)).containsOnly(FeatureStatus.INVALID);
        assertThat(row.value(0)).isNull();
    }

    @Test
    void aRowMayBeFilledAgain() {
        var read = new OnlineRead(List.of(view("spend", Duration.ZERO, USER)));
        var lookup = read.lookups().getFirst();
        var row = read.newRow();
        assertThat(statuses(row)).containsOnly(FeatureStatus.NOT_FOUND);
        put("spend", NOW, 1.0, 3L);
        lookup.decode(index -> hash.get(ByteBuffer.wrap(lookup.field(index))), NOW, row);
        assertThat(statuses(row)).containsOnly(FeatureStatus.PRESENT);

        lookup.decodeNothing(row);

        assertThat(statuses(row)).containsOnly(FeatureStatus.NOT_FOUND);
        assertThat(row.value(0)).isNull();
        assertThat(row.eventTime(0)).isNull();
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new OnlineRead(read.views()).lookups().getFirst().decodeNothing(row))
                .withMessage("a row of other views");
    }

    @Test
    void namesThatShareAFieldAreRefused() {
        // Found by trying: murmur3_x86_32 of both names behind "v:" is the same.
        var features = collision();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OnlineView("p", "v", List.of(USER), features, Duration.ZERO))
                .withMessageContaining("have the same field in the online store: rename one of them");
    }

    private static List<OnlineFeature> collision() {
        Map<Integer, String> known = new HashMap<>();
        for (int i = 0; ; i++) {
            String other = known.put(OnlineField.hash("v", "f" + i), "f" + i);
            if (other != null) {
                return List.of(
                        new OnlineFeature(other, FeatureType.BOOL), new OnlineFeature("f" + i, FeatureType.BOOL));
            }
        }
    }

    private static OnlineView view(String name, Duration ttl, JoinKey... keys) {
        return new OnlineView(
                "shop",
                name,
                List.of(keys),
                List.of(new OnlineFeature("amount", FeatureType.DOUBLE), new OnlineFeature("count", FeatureType.INT64)),
                ttl);
    }

    private void put(String view, Instant time, Double amount, Long count) {
        hash.put(ByteBuffer.wrap(OnlineField.ofEventTime(view)), EventTime.encode(time));
        hash.put(ByteBuffer.wrap(OnlineField.of(view, "amount")), ValueCodec.encode(FeatureType.DOUBLE, amount));
        hash.put(ByteBuffer.wrap(OnlineField.of(view, "count")), ValueCodec.encode(FeatureType.INT64, count));
    }

    private FeatureRow read(OnlineView view) {
        var read = new OnlineRead(List.of(view));
        var row = read.newRow();
        for (var lookup : read.lookups()) {
            lookup.decode(index -> hash.get(ByteBuffer.wrap(lookup.field(index))), NOW, row);
        }
        return row;
    }

    private static List<FeatureStatus> statuses(FeatureRow row) {
        return IntStream.range(0, row.size()).mapToObj(row::status).toList();
    }
}
