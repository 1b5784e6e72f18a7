package dev.tatara.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Origin;
import dev.tatara.statistics.Pane.Role;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** {@code -Dtatara.golden.write=true} writes the golden pane anew; a change of its bytes is a change of the format. */
final class PaneFormatTest {
    private static final String GOLDEN = "golden/pane-v1.bin";
    private static final String GOLDEN_TRAFFIC = "golden/pane-v1-traffic.bin";
    private static final Instant START = Instant.parse("2026-11-21T06:00:00Z");

    private static Pane pane(long seed, int rows) {
        Random random = new Random(seed);
        NumberSketch normal = new NumberSketch();
        NumberSketch few = new NumberSketch();
        CategorySketch labels = new CategorySketch();
        CategorySketch texts = new CategorySketch();
        for (int i = 0; i < rows; i++) {
            normal.update(random.nextInt(20) == 0 ? Double.NaN : random.nextGaussian());
            few.update(random.nextInt(3));
            labels.update(random.nextInt(2));
            texts.update(random.nextInt(9) == 0 ? null : "ä" + random.nextInt(rows));
        }
        return new Pane(
                new Origin("default", "churn", "55ab012345", "churn", "3", "churn-55ab012345-x2x4k", "b0071d", seed),
                START,
                START.plusSeconds(60),
                1,
                rows,
                rows,
                List.of(
                        new Column(Role.Feature, "spend_30d", normal),
                        new Column(Role.Feature, "logins_7d", few),
                        new Column(Role.Feature, "plan", texts),
                        new Column(Role.Prediction, "label", labels)));
    }

    /** The last pane of a process, with its traffic. */
    private static Pane lastPane(long seed, int rows) {
        Pane pane = pane(seed, rows);
        Origin origin = pane.origin();
        Random random = new Random(seed);
        LatencyHistogram latency = new LatencyHistogram();
        for (int i = 0; i < rows; i++) {
            latency.record((long) (200_000 * Math.exp(random.nextGaussian())));
        }
        return new Pane(
                new Origin(
                        origin.namespace(),
                        origin.service(),
                        origin.revision(),
                        origin.model(),
                        origin.modelVersion(),
                        origin.pod(),
                        origin.bootId(),
                        origin.sequence(),
                        true),
                pane.start(),
                pane.end(),
                pane.sources(),
                pane.rowsSeen(),
                pane.rowsSampled(),
                new Traffic(rows + 12L, 5, 4, latency),
                pane.columns());
    }

    private static byte[] golden(String name, byte[] written) throws IOException {
        if (Boolean.getBoolean("tatara.golden.write")) {
            Path file = Path.of("src/test/resources", name);
            Files.createDirectories(file.getParent());
            Files.write(file, written);
        }
        try (InputStream in = PaneFormatTest.class.getResourceAsStream("/" + name)) {
            return in.readAllBytes();
        }
    }

    @Example
    void aPaneWithTrafficIsReadAndWrittenAsEver() throws IOException {
        Pane pane = lastPane(7, 150);
        byte[] written = PaneFormat.write(pane);
        byte[] golden = golden(GOLDEN_TRAFFIC, written);
        assertThat(Arrays.equals(written, golden)).isTrue();
        Pane read = PaneFormat.read(golden);
        assertSame(read, pane);
        assertThat(read.origin().last()).isTrue();
        assertThat(read.traffic().requests()).isEqualTo(162);
        assertThat(read.traffic().latency().count()).isEqualTo(150);
        assertThat(read.traffic().errorRate()).isEqualTo(5.0 / 162);
    }

    @Example
    void theGoldenPaneIsReadAndWrittenAsEver() throws IOException {
        Pane pane = pane(7, 150);
        byte[] written = PaneFormat.write(pane);
        byte[] golden = golden(GOLDEN, written);
        assertThat(Arrays.equals(written, golden))
                .as("the bytes are those of version 1")
                .isTrue();
        Pane read = PaneFormat.read(golden);
        assertSame(read, pane);
        assertThat(read.traffic()).as("of a server that counted no requests").isNull();
        assertThat(read.origin().last()).isFalse();
        NumberSketch spend = (NumberSketch)
                read.column(Role.Feature, "spend_30d").orElseThrow().sketch();
        assertThat(spend.count()).isEqualTo(150);
        assertThat(spend.missing()).isEqualTo(8);
        assertSame(PaneFormat.read(PaneFormat.write(read)), pane);
    }

    @Property(tries = 30)
    void whatIsWrittenIsRead(@ForAll long seed, @ForAll Random random) throws IOException {
        Pane pane = lastPane(seed, random.nextInt(5_000) + 1);
        assertSame(PaneFormat.read(PaneFormat.write(pane)), pane);
    }

    private static void assertSame(Pane read, Pane pane) {
        assertThat(read.origin()).isEqualTo(pane.origin());
        assertThat(read.start()).isEqualTo(pane.start());
        assertThat(read.end()).isEqualTo(pane.end());
        assertThat(read.rowsSeen()).isEqualTo(pane.rowsSeen());
        assertThat(read.rowsSampled()).isEqualTo(pane.rowsSampled());
        assertThat(read.traffic()).isEqualTo(pane.traffic());
        assertThat(read.columns()).hasSameSizeAs(pane.columns());
        for (int i = 0; i < read.columns().size(); i++) {
            Column one = read.columns().get(i);
            Column other = pane.columns().get(i);
            assertThat(one.name()).isEqualTo(other.name());
            assertThat(one.role()).isEqualTo(other.role());
            if (one.sketch() instanceof NumberSketch numbers) {
                NumberSketch expected = (NumberSketch) other.sketch();
                assertThat(numbers.moments()).isEqualTo(expected.moments());
                assertThat(numbers.distinct()).isEqualTo(expected.distinct());
                assertThat(numbers.quantiles(0, 0.01, 0.5, 0.9, 1)).isEqualTo(expected.quantiles(0, 0.01, 0.5, 0.9, 1));
            } else {
                CategorySketch categories = (CategorySketch) one.sketch();
                CategorySketch expected = (CategorySketch) other.sketch();
                assertThat(categories.count()).isEqualTo(expected.count());
                assertThat(categories.missing()).isEqualTo(expected.missing());
                assertThat(categories.top(20)).isEqualTo(expected.top(20));
                assertThat(categories.maximumError()).isEqualTo(expected.maximumError());
                assertThat(categories.distinct()).isEqualTo(expected.distinct());
            }
        }
    }

    @Example
    void manyPanesMergeIntoOneWithAllColumns() throws IOException {
        List<Pane> panes = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            panes.add(PaneFormat.read(PaneFormat.write(pane(i, 300))));
        }
        Origin origin = new Origin("default", "churn", "55ab012345", "churn", "3", "another", "b", 0);
        panes.add(new Pane(
                origin,
                START.minusSeconds(60),
                START,
                1,
                0,
                0,
                List.of(new Column(Role.Feature, "logins_7d", new CategorySketch()))));
        Pane merged = PaneFormat.read(PaneFormat.write(Pane.merge(panes)));
        assertThat(merged.sources()).isEqualTo(61);
        assertThat(merged.rowsSeen()).isEqualTo(18_000);
        assertThat(merged.start()).isEqualTo(START.minusSeconds(60));
        assertThat(merged.end()).isEqualTo(START.plusSeconds(60));
        assertThat(merged.origin().service()).isEqualTo("churn");
        assertThat(merged.origin().pod()).isEmpty();
        assertThat(merged.columns()).hasSize(5);
        assertThat(merged.columns().getFirst().sketch().count()).isEqualTo(18_000);
        NumberSketch spend = (NumberSketch) merged.columns().getFirst().sketch();
        assertThat(spend.quantile(0.5)).isBetween(-0.1, 0.1);
        assertThat(panes.getFirst().columns().getFirst().sketch().count())
                .as("merging leaves its sources alone")
                .isEqualTo(300);
    }

    @Example
    void trafficAddsUpAndIsUnknownOnlyWhereNoPaneTells() throws IOException {
        Pane merged = Pane.merge(List.of(pane(1, 20), lastPane(2, 30), lastPane(3, 40)));
        assertThat(merged.traffic().requests()).isEqualTo(30 + 40 + 24);
        assertThat(merged.traffic().failed()).isEqualTo(10);
        assertThat(merged.traffic().throttled()).isEqualTo(8);
        assertThat(merged.traffic().latency().count()).isEqualTo(70);
        assertThat(merged.origin().last()).isFalse();
        assertThat(Pane.merge(List.of(pane(1, 20), pane(2, 20))).traffic()).isNull();
    }

    @Example
    void trafficThatCannotBeIsRefused() {
        byte[] whole = PaneFormat.write(lastPane(1, 10));
        int requests = section(whole, PaneFormat.SECTION_TRAFFIC);
        int bucket = requests + 3 * Long.BYTES + Short.BYTES;
        assertDamaged(whole, bytes -> bytes.putLong(requests, 1));
        assertDamaged(whole, bytes -> bytes.putLong(requests, -1));
        assertDamaged(whole, bytes -> bytes.putShort(bucket, (short) LatencyHistogram.BUCKETS));
        assertDamaged(whole, bytes -> bytes.putShort(bucket, (short) 0xFFFF));
        assertDamaged(whole, bytes -> bytes.putLong(bucket + Short.BYTES, -1));
        assertDamaged(whole, bytes -> bytes.putShort(bucket + Short.BYTES + Long.BYTES, bytes.getShort(bucket)));
        assertDamaged(whole, bytes -> bytes.putShort(bucket - Short.BYTES, (short) 0xFFFF));
    }

    /** Where the content of the first section with this tag begins. */
    private static int section(byte[] pane, int tag) {
        ByteBuffer bytes = ByteBuffer.wrap(pane);
        int at = 6;
        while (bytes.getShort(at) != tag) {
            at += 6 + bytes.getInt(at + 2);
        }
        return at + 6;
    }

    private static void assertDamaged(byte[] whole, Consumer<ByteBuffer> damage) {
        ByteBuffer bytes = ByteBuffer.wrap(whole.clone());
        damage.accept(bytes);
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.array(), 0, whole.length - 10);
        bytes.putInt(whole.length - 4, (int) checksum.getValue());
        assertThatThrownBy(() -> PaneFormat.read(bytes.array()))
                .isInstanceOf(PaneFormatException.class)
                .hasMessageStartingWith("the pane is");
    }

    @Example
    void sectionsAndFieldsOfANewerWriterAreSkipped() throws IOException {
        byte[] pane = PaneFormat.write(pane(1, 10));
        ByteBuffer newer = ByteBuffer.allocate(pane.length + 100);
        newer.put(pane, 0, 6);
        newer.putShort((short) 77).putInt(3).put(new byte[] {1, 2, 3});
        newer.put(column(9, PaneFormat.KIND_NUMBERS));
        newer.put(column(PaneFormat.ROLE_FEATURE, 9));
        newer.put(pane, 6, pane.length - 6 - 10);
        CRC32C checksum = new CRC32C();
        checksum.update(newer.array(), 0, newer.position());
        newer.putShort((short) PaneFormat.SECTION_END)
                .putInt(6)
                .putInt((int) checksum.getValue())
                .putShort((short) 1);
        assertSame(PaneFormat.read(Arrays.copyOf(newer.array(), newer.position())), pane(1, 10));
    }

    private static byte[] column(int role, int kind) {
        return ByteBuffer.allocate(6 + 2 + 5)
                .putShort((short) PaneFormat.SECTION_COLUMN)
                .putInt(7)
                .put((byte) role)
                .put((byte) kind)
                .putInt(1)
                .put((byte) 'x')
                .array();
    }

    @Example
    void bytesThatAreNoPaneAreNamed() {
        assertThatThrownBy(() -> PaneFormat.read(new byte[0]))
                .isInstanceOf(PaneFormatException.class)
                .hasMessageContaining("found nothing");
        assertThatThrownBy(() -> PaneFormat.read("{\"json\": true}".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isInstanceOf(PaneFormatException.class)
                .hasMessageContaining("TTPN");
        byte[] newer = PaneFormat.write(pane(1, 10));
        newer[5] = 2;
        assertThatThrownBy(() -> PaneFormat.read(newer))
                .isInstanceOf(PaneFormatException.class)
                .hasMessageContaining("version 2");
        byte[] flipped = PaneFormat.write(pane(1, 10));
        flipped[flipped.length / 2] ^= 1;
        assertThatThrownBy(() -> PaneFormat.read(flipped)).isInstanceOf(PaneFormatException.class);
    }

    /** With a right checksum, so that the damage reaches the sketches' readers. */
    @Property(tries = 3000)
    void damagedBytesAreRefusedWithinBounds(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = PaneFormat.write(lastPane(3, random.nextInt(3) == 0 ? 2_000 : 40));
        int damages = random.nextInt(4) + 1;
        for (int i = 0; i < damages; i++) {
            int at = 6 + random.nextInt(bytes.length - 16);
            bytes[at] = switch (random.nextInt(4)) {
                case 0 -> (byte) 0xFF;
                case 1 -> 0x7F;
                case 2 -> 0;
                default -> (byte) random.nextInt();
            };
        }
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, bytes.length - 10);
        ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) checksum.getValue());
        try {
            Pane pane = PaneFormat.read(bytes);
            pane.columns().forEach(column -> assertThat(column.sketch().count()).isNotNegative());
            if (pane.traffic() != null) {
                assertThat(pane.traffic().latency().count()).isNotNegative();
                assertThat(pane.traffic().errorRate()).isBetween(0.0, 1.0);
            }
        } catch (PaneFormatException e) {
            assertThat(e.getMessage()).startsWith("the pane is");
        }
    }

    @Property(tries = 500)
    void cutOffAnywhereItIsRefused(@ForAll Random random) {
        byte[] bytes = PaneFormat.write(lastPane(3, 40));
        byte[] part = Arrays.copyOf(bytes, random.nextInt(bytes.length));
        assertThatThrownBy(() -> PaneFormat.read(part)).isInstanceOf(PaneFormatException.class);
    }
}
