package dev.tatara.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ValueCodecTest {
    private static final HexFormat HEX = HexFormat.of();

    @Property
    void whatIsWrittenIsRead(@ForAll("values") Tuple2<FeatureType, Object> value) throws MalformedValueException {
        byte[] bytes = ValueCodec.encode(value.get1(), value.get2());

        assertSame(ValueCodec.decode(value.get1(), bytes), value.get2());
        assertThat(StoredValue.plain(value.get1(), bytes))
                .as("the plain form is what is written")
                .isEqualTo(bytes);
    }

    @Property
    void otherBytesAreRefusedAndNothingElseHappens(@ForAll FeatureType type, @ForAll byte[] bytes) {
        try {
            Object value = ValueCodec.decode(type, bytes);
            byte[] plain = StoredValue.plain(type, bytes);
            assertThat(plain.length == 0).isEqualTo(value == null);
        } catch (MalformedValueException e) {
            assertThatExceptionOfType(MalformedValueException.class).isThrownBy(() -> StoredValue.plain(type, bytes));
        }
    }

    @Property
    void bytesThatWereCutOffAreRefused(@ForAll("values") Tuple2<FeatureType, Object> value, @ForAll int where) {
        byte[] bytes = ValueCodec.encode(value.get1(), value.get2());
        byte[] cut = Arrays.copyOf(bytes, Math.floorMod(where, bytes.length - 1) + 1);

        assertThatExceptionOfType(MalformedValueException.class).isThrownBy(() -> ValueCodec.decode(value.get1(), cut));
        assertThatExceptionOfType(MalformedValueException.class).isThrownBy(() -> StoredValue.plain(value.get1(), cut));
    }

    @Property
    void eventTimesAreKeptToTheNanosecond(@ForAll("times") Instant time) throws MalformedValueException {
        assertThat(EventTime.decode(EventTime.encode(time))).isEqualTo(time);
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyMessageAndAnExplicitNullAreNull(FeatureType type) throws MalformedValueException {
        assertThat(ValueCodec.decode(type, new byte[0])).isNull();
        assertThat(ValueCodec.decode(type, HEX.parseHex("980100"))).isNull();
        assertThat(StoredValue.plain(type, HEX.parseHex("980100"))).isEmpty();
    }

    @Test
    void aTimeThatFeastWroteAsNoneIsNull() throws MalformedValueException {
        byte[] none = HEX.parseHex("40" + "80808080808080808001");

        assertThat(ValueCodec.decode(FeatureType.UNIX_TIMESTAMP, none)).isNull();
        assertThat(StoredValue.plain(FeatureType.UNIX_TIMESTAMP, none)).isEmpty();
        assertThatExceptionOfType(MalformedValueException.class)
                .isThrownBy(() -> ValueCodec.decode(
                        FeatureType.UNIX_TIMESTAMP_LIST, HEX.parseHex("92010c" + "0a0a" + "80808080808080808001")))
                .withMessage("a list with a null in it");
    }

    @ParameterizedTest
    @EnumSource
    void aValueOfAnotherTypeIsRefused(FeatureType type) {
        FeatureType other = type == FeatureType.DOUBLE ? FeatureType.STRING : FeatureType.DOUBLE;
        byte[] bytes = ValueCodec.encode(other, other == FeatureType.DOUBLE ? (Object) 1.5 : "x");

        assertThatExceptionOfType(MalformedValueException.class)
                .isThrownBy(() -> ValueCodec.decode(type, bytes))
                .withMessage("expected a value of " + type + ", found one of " + other);
    }

    @Test
    void listsNeedNotBePackedAndUnknownFieldsArePassedOver() throws MalformedValueException {
        byte[] unpacked = HEX.parseHex("72" + "04" + "0801" + "0802" + "f83f07");
        assertThat(ValueCodec.decode(FeatureType.INT64_LIST, unpacked)).isEqualTo(List.of(1L, 2L));
        assertThat(StoredValue.floats(FeatureType.INT64_LIST, StoredValue.plain(FeatureType.INT64_LIST, unpacked)))
                .containsExactly(1, 2);
    }

    @Test
    void numbersAreReadWhereTheyLie() {
        assertThat(StoredValue.number(FeatureType.DOUBLE, ValueCodec.encode(FeatureType.DOUBLE, -0.25)))
                .isEqualTo(-0.25);
        assertThat(StoredValue.number(FeatureType.FLOAT, ValueCodec.encode(FeatureType.FLOAT, 1.5f)))
                .isEqualTo(1.5);
        assertThat(StoredValue.number(FeatureType.INT32, ValueCodec.encode(FeatureType.INT32, -7)))
                .isEqualTo(-7);
        assertThat(StoredValue.number(FeatureType.BOOL, ValueCodec.encode(FeatureType.BOOL, true)))
                .isEqualTo(1);
        assertThat(StoredValue.integer(FeatureType.INT64, ValueCodec.encode(FeatureType.INT64, Long.MIN_VALUE)))
                .isEqualTo(Long.MIN_VALUE);
        assertThat(StoredValue.integer(
                        FeatureType.UNIX_TIMESTAMP,
                        ValueCodec.encode(FeatureType.UNIX_TIMESTAMP, Instant.ofEpochSecond(-5))))
                .isEqualTo(-5);
        assertThat(StoredValue.floats(
                        FeatureType.FLOAT_LIST, ValueCodec.encode(FeatureType.FLOAT_LIST, new float[] {1, 2.5f})))
                .containsExactly(1, 2.5f);
        assertThat(StoredValue.floats(FeatureType.BOOL_LIST, ValueCodec.encode(FeatureType.BOOL_LIST, List.of())))
                .isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StoredValue.number(FeatureType.STRING, ValueCodec.encode(FeatureType.STRING, "x")))
                .withMessage("STRING has no numbers");
    }

    @Test
    void whatDatabasesHandOverIsTaken() {
        assertTaken(FeatureType.INT32, (short) 3, 3);
        assertTaken(FeatureType.INT64, BigInteger.TEN, 10L);
        assertTaken(FeatureType.DOUBLE, 1.5f, 1.5);
        assertTaken(FeatureType.FLOAT, 1.5, 1.5f);
        assertTaken(FeatureType.BYTES, ByteBuffer.wrap(new byte[] {1, 2}), new byte[] {1, 2});
        Instant time = Instant.parse("2026-11-21T10:00:01Z");
        assertTaken(FeatureType.UNIX_TIMESTAMP, time.plusMillis(999), time);
        assertTaken(FeatureType.UNIX_TIMESTAMP, Timestamp.from(time), time);
        assertTaken(FeatureType.UNIX_TIMESTAMP, LocalDateTime.parse("2026-11-21T10:00:01"), time);
        assertTaken(FeatureType.UNIX_TIMESTAMP, OffsetDateTime.parse("2026-11-21T12:00:01+02:00"), time);
        assertTaken(FeatureType.UNIX_TIMESTAMP, LocalDate.parse("1970-01-02"), Instant.ofEpochSecond(86_400));
        assertTaken(FeatureType.INT64_LIST, new int[] {1}, List.of(1L));
        assertTaken(FeatureType.DOUBLE_LIST, new Object[] {1, 2.5}, List.of(1.0, 2.5));
    }

    @Test
    void whatDoesNotFitIsRefusedWithoutTellingTheValue() {
        assertRefused(FeatureType.INT32, 1L << 40, "a number beyond its range");
        assertRefused(FeatureType.INT64, BigInteger.TWO.pow(70), "a number beyond its range");
        assertRefused(FeatureType.FLOAT, 1e300, "a number beyond its range");
        assertRefused(FeatureType.INT64, 1.5, "java.lang.Double");
        assertRefused(FeatureType.STRING, 1, "java.lang.Integer");
        assertRefused(FeatureType.DOUBLE, "secret", "java.lang.String");
        assertRefused(FeatureType.BOOL, 1, "java.lang.Integer");
        assertRefused(FeatureType.INT64_LIST, 1L, "expected a list");
        assertRefused(FeatureType.STRING_LIST, Arrays.asList("a", null), "found one at index 1");
        assertRefused(FeatureType.STRING_LIST, List.of("a", 2), "expected a value for STRING");
    }

    @Provide
    Arbitrary<Tuple2<FeatureType, Object>> values() {
        return Arbitraries.of(FeatureType.class).flatMap(type -> (type.isList()
                        ? scalars(type.elementType()).list().ofMaxSize(20).map(list -> (Object) list)
                        : scalars(type))
                .map(value -> Tuple.of(type, value)));
    }

    @Provide
    Arbitrary<Instant> times() {
        return Arbitraries.longs()
                .between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond())
                .flatMap(seconds -> Arbitraries.integers()
                        .between(0, 999_999_999)
                        .map(nanos -> Instant.ofEpochSecond(seconds, nanos)));
    }

    private static Arbitrary<Object> scalars(FeatureType type) {
        return switch (type) {
            case BYTES -> Arbitraries.bytes().array(byte[].class).ofMaxSize(40).map(bytes -> bytes);
            case STRING ->
                Arbitraries.strings().ofMaxLength(40).excludeChars(surrogates()).map(text -> text);
            case INT32 -> Arbitraries.integers().map(number -> number);
            case INT64 -> Arbitraries.longs().map(number -> number);
            case DOUBLE -> Arbitraries.doubles().map(number -> number);
            case FLOAT -> Arbitraries.floats().map(number -> number);
            case BOOL -> Arbitraries.of(true, false);
            case UNIX_TIMESTAMP ->
                Arbitraries.longs()
                        .between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond())
                        .map(Instant::ofEpochSecond);
            default -> throw new IllegalArgumentException(type.name());
        };
    }

    /** Halves of characters have no bytes of their own. */
    private static char[] surrogates() {
        char[] all = new char[Character.MAX_SURROGATE - Character.MIN_SURROGATE + 1];
        for (int i = 0; i < all.length; i++) {
            all[i] = (char) (Character.MIN_SURROGATE + i);
        }
        return all;
    }

    private static void assertTaken(FeatureType type, Object given, Object expected) {
        assertThat(ValueCodec.encode(type, given)).isEqualTo(ValueCodec.encode(type, expected));
    }

    private static void assertRefused(FeatureType type, Object given, String found) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ValueCodec.encode(type, given))
                .withMessageContaining(found)
                .withMessageNotContaining("secret");
    }

    private static void assertSame(Object actual, Object expected) {
        assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
    }
}
