package dev.tatara.runtime.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineRead;
import dev.tatara.features.OnlineView;
import dev.tatara.runtime.inference.RequestException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class FoundFeaturesTest {
    private static final byte[] KEY = "plant 1".getBytes(UTF_8);
    /** Asks for the time of the view, and two features. */
    private static final OnlineRead.Lookup TWO = lookup("a", "b");

    private static final OnlineRead.Lookup THREE = lookup("a", "b", "c");

    private static OnlineRead.Lookup lookup(String... features) {
        return new OnlineRead(List.of(new OnlineView(
                        "flora",
                        "sepals",
                        List.of(new JoinKey("plant", FeatureType.INT64)),
                        Stream.of(features)
                                .map(name -> new OnlineFeature(name, FeatureType.DOUBLE))
                                .toList(),
                        Duration.ZERO)))
                .lookups()
                .getFirst();
    }

    private static byte[] value(int number) {
        return number < 0 ? null : new byte[] {(byte) number};
    }

    private static byte[][] values(FoundFeatures found, OnlineRead.Lookup lookup) {
        return IntStream.range(0, lookup.fieldCount())
                .mapToObj(found.values("redis", KEY, lookup))
                .toArray(byte[][]::new);
    }

    @Test
    void aCopyKnowsWhatItsOriginalFoundAndWhen() throws Exception {
        FoundFeatures original = FoundFeatures.ofOriginal();
        original.add("redis", KEY, TWO, index -> value(index - 1));

        FoundFeatures copy = FoundFeatures.ofCopy(original.toBytes());

        assertThat(copy.at()).isEqualTo(original.at());
        assertThat(copy.has("redis", KEY, TWO)).isTrue();
        assertThat(values(copy, TWO)).isDeepEqualTo(new byte[][] {null, value(0), value(1)});
        assertThat(copy.has("another", KEY, TWO)).isFalse();
        assertThat(copy.has("redis", "plant 2".getBytes(UTF_8), TWO)).isFalse();
        assertThat(original.counts()).isTrue();
        assertThat(copy.counts()).isFalse();
    }

    @Test
    void whatACopyHasToAskForBesidesChangesNothingThatItKnows() throws Exception {
        FoundFeatures original = FoundFeatures.ofOriginal();
        original.add("redis", KEY, TWO, FoundFeaturesTest::value);
        FoundFeatures copy = FoundFeatures.ofCopy(original.toBytes());
        assertThat(copy.has("redis", KEY, THREE)).isFalse();

        copy.add("redis", KEY, THREE, index -> value(10 + index));

        assertThat(copy.has("redis", KEY, THREE)).isTrue();
        assertThat(values(copy, THREE)).isDeepEqualTo(new byte[][] {value(0), value(1), value(2), value(13)});
    }

    @Property(tries = 300)
    void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
        try {
            FoundFeatures.ofCopy(bytes);
        } catch (RequestException e) {
            assertThat(e.status()).isEqualTo(400);
        }
    }

    @Test
    void whatIsCutOffIsRefused() {
        FoundFeatures original = FoundFeatures.ofOriginal();
        original.add("redis", KEY, TWO, FoundFeaturesTest::value);
        byte[] whole = original.toBytes();

        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            if (length != Long.BYTES + Integer.BYTES) { // that is a time without features
                assertThatThrownBy(() -> FoundFeatures.ofCopy(cut))
                        .isInstanceOf(RequestException.class)
                        .hasMessageContaining("can't be read");
            }
        }
    }
}
