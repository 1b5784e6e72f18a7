package dev.tatara.statistics;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.datasketches.frequencies.ErrorType;
import org.apache.datasketches.frequencies.FrequentItemsSketch;
import org.apache.datasketches.hll.HllSketch;
import org.apache.datasketches.hll.HllUnion;
import org.apache.datasketches.hll.TgtHllType;

/**
 * Categories: the frequent ones with their counts by the frequent-items sketch of Apache DataSketches (Anderson et al.
 * 2017), and how many different ones there are by HyperLogLog. Counts are exact as long as there are no more than
 * {@value #MOST_EXACT} categories. Texts longer than {@value #LONGEST} bytes are cut. Takes up to 150 KiB with long
 * texts, 4 KiB with few categories.
 */
public final class CategorySketch implements Sketch {
    /** Categories that are counted exactly. */
    public static final int MOST_EXACT = 384;

    /** Bytes of a category's text, in UTF-8, that are kept. */
    public static final int LONGEST = 256;

    static final int LG_K = 11;
    private static final int MAP_SIZE = 512;

    private final PendingCounts pending = new PendingCounts();
    private FrequentItemsSketch<String> items = new FrequentItemsSketch<>(MAP_SIZE);
    private HllUnion distinct = new HllUnion(LG_K);
    private long count;
    private long missing;
    /** What counts read from bytes may be short of. */
    private long carriedError;

    private final PendingCounts.Receiver receiver = new PendingCounts.Receiver() {
        @Override
        public void number(long value, long times) {
            take(Long.toString(value), times);
        }

        @Override
        public void text(byte[] utf8, long times) {
            take(new String(utf8, StandardCharsets.UTF_8), times);
        }
    };

    /**
     * One category.
     *
     * @param value its text
     * @param lowerBound how often it was seen at least
     * @param upperBound how often it was seen at most; equal where counts are exact
     */
    public record Frequency(String value, long lowerBound, long upperBound) {}

    /** Adds a whole number as a category. */
    public void update(long value) {
        count++;
        pending.add(value);
        if (pending.isFull()) {
            drain();
        }
    }

    /**
     * Adds a text as a category.
     *
     * @param utf8 kept, so leave it as it is from here on
     */
    public void update(byte[] utf8) {
        count++;
        pending.add(utf8.length <= LONGEST ? utf8 : cut(utf8));
        if (pending.isFull()) {
            drain();
        }
    }

    /** Adds a text as a category; null counts as missing. */
    public void update(String value) {
        if (value == null) {
            count++;
            missing++;
        } else {
            update(value.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static byte[] cut(byte[] utf8) {
        int end = LONGEST;
        while (end > 0 && (utf8[end] & 0xC0) == 0x80) {
            end--;
        }
        return Arrays.copyOf(utf8, end);
    }

    private void drain() {
        pending.drain(receiver);
    }

    private void take(String value, long times) {
        items.update(value, times);
        distinct.update(value);
    }

    /** Adds what another sketch has seen. */
    public void merge(CategorySketch other) {
        drain();
        other.drain();
        count += other.count;
        missing += other.missing;
        carriedError += other.carriedError;
        items.merge(other.items);
        distinct.update(other.distinct.getResult(TgtHllType.HLL_8));
    }

    @Override
    public CategorySketch copy() {
        CategorySketch copy = new CategorySketch();
        copy.merge(this);
        return copy;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public long missing() {
        return missing;
    }

    /** About how many different categories there are; off by 2.3 % (one standard error) beyond a few hundred. */
    public double distinct() {
        drain();
        return distinct.getEstimate();
    }

    /** Whether every category is here with its exact count. */
    public boolean isExact() {
        return maximumError() == 0;
    }

    /** How much a count may be off, and how often a category that isn't listed was seen at most. */
    public long maximumError() {
        drain();
        return carriedError + items.getMaximumError();
    }

    /**
     * The most frequent categories, the most frequent first, equal ones by their text.
     *
     * @param most how many at most
     */
    public List<Frequency> top(int most) {
        drain();
        List<Frequency> all = new ArrayList<>();
        for (var row : items.getFrequentItems(0, ErrorType.NO_FALSE_NEGATIVES)) {
            all.add(new Frequency(row.getItem(), row.getLowerBound(), row.getUpperBound() + carriedError));
        }
        all.sort(Comparator.comparingLong(Frequency::lowerBound).reversed().thenComparing(Frequency::value));
        return List.copyOf(all.subList(0, Math.min(most, all.size())));
    }

    /** What of a sketch is written. */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    record Parts(long count, long missing, long error, List<Frequency> frequencies, byte[] distinct) {}

    Parts parts() {
        long error = maximumError();
        return new Parts(
                count,
                missing,
                error,
                top(MAP_SIZE),
                distinct.getResult(TgtHllType.HLL_8).toCompactByteArray());
    }

    /** Puts a sketch together from what was written; the HyperLogLog sketch's bytes are trusted. */
    static CategorySketch of(Parts parts) {
        CategorySketch sketch = new CategorySketch();
        sketch.count = parts.count;
        sketch.missing = parts.missing;
        sketch.carriedError = parts.error;
        for (Frequency frequency : parts.frequencies) {
            sketch.items.update(frequency.value, frequency.lowerBound);
        }
        sketch.distinct.update(HllSketch.heapify(parts.distinct));
        return sketch;
    }
}
