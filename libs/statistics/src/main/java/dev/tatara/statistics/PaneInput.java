package dev.tatara.statistics;

import dev.tatara.statistics.CategorySketch.Frequency;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the parts of a pane, each within bounds, before the sketches' own readers see them. */
final class PaneInput {
    /** Far more than a KLL sketch of our size has after any number of values. */
    private static final int MOST_KLL_BYTES = 64 << 10;

    private static final int KLL_PREAMBLE_FULL = 5;
    private static final int KLL_PREAMBLE_SHORT = 2;
    private static final int KLL_FAMILY = 15;
    private static final int KLL_FLAGS_ALLOWED = 0x7F;
    private static final int KLL_MOST_LEVELS = 60;
    private static final int KLL_ACCURACY_LEAST = 8;
    private static final int KLL_ACCURACY_MOST = 4096;
    private static final int KLL_M = 8;

    private static final int MOST_HLL_BYTES = 16 << 10;
    private static final int HLL_FAMILY = 7;
    private static final int HLL_LG_K_LEAST = 4;
    private static final int HLL_LG_K_MOST = 12;
    private static final int HLL_FLAG_COMPACT = 8;
    private static final int HLL_MODE_DENSE = 2;
    private static final int HLL_TYPE_8 = 2;

    /** What a double counts exactly; sums of such counts don't overflow. */
    private static final long MOST_COUNT = 1L << 53;

    private static final int MOST_FREQUENCIES = 512;

    private final ByteBuffer bytes;

    PaneInput(byte[] bytes) {
        this(ByteBuffer.wrap(bytes));
    }

    private PaneInput(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    int position() {
        return bytes.position();
    }

    boolean isAtEnd() {
        return !bytes.hasRemaining();
    }

    byte[] raw(int length) throws PaneFormatException {
        if (length < 0 || length > bytes.remaining()) {
            throw new PaneFormatException(
                    "the pane is cut off: expected " + length + " more bytes, found " + bytes.remaining());
        }
        byte[] part = new byte[length];
        bytes.get(part);
        return part;
    }

    PaneInput section() throws PaneFormatException {
        int length = integer();
        if (length < 0 || length > bytes.remaining()) {
            throw new PaneFormatException(
                    "the pane is cut off: expected a section of " + length + " bytes, found " + bytes.remaining());
        }
        ByteBuffer part = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return new PaneInput(part);
    }

    int unsignedByte() throws PaneFormatException {
        return need(1).get() & 0xFF;
    }

    int unsignedShort() throws PaneFormatException {
        return need(2).getShort() & 0xFFFF;
    }

    int integer() throws PaneFormatException {
        return need(4).getInt();
    }

    long number() throws PaneFormatException {
        return need(8).getLong();
    }

    double real() throws PaneFormatException {
        return need(8).getDouble();
    }

    long count() throws PaneFormatException {
        long count = number();
        if (count < 0 || count > MOST_COUNT) {
            throw new PaneFormatException("the pane is damaged: expected a count, found " + count);
        }
        return count;
    }

    String text() throws PaneFormatException {
        return new String(block(), StandardCharsets.UTF_8);
    }

    private byte[] block() throws PaneFormatException {
        return raw(integer());
    }

    private ByteBuffer need(int length) throws PaneFormatException {
        if (bytes.remaining() < length) {
            throw new PaneFormatException(
                    "the pane is cut off: expected " + length + " more bytes, found " + bytes.remaining());
        }
        return bytes;
    }

    static Traffic traffic(PaneInput in) throws PaneFormatException {
        long requests = in.count();
        long failed = in.count();
        long throttled = in.count();
        LatencyHistogram latency = new LatencyHistogram();
        int used = in.unsignedShort();
        int before = -1;
        for (int i = 0; i < used; i++) {
            int bucket = in.unsignedShort();
            if (bucket <= before || bucket >= LatencyHistogram.BUCKETS) {
                throw new PaneFormatException("the pane is damaged: expected a bucket of latencies from " + (before + 1)
                        + " to " + (LatencyHistogram.BUCKETS - 1) + ", found " + bucket);
            }
            latency.add(bucket, in.count());
            before = bucket;
        }
        return new Traffic(requests, failed, throttled, latency);
    }

    static NumberSketch numbers(PaneInput in) throws PaneFormatException {
        NumberSketch.Moments moments = new NumberSketch.Moments(
                in.count(), in.count(), in.count(), in.count(), in.real(), in.real(), in.real(), in.real());
        DistinctValues distinct = new DistinctValues();
        int size = in.unsignedShort();
        if (size == PaneFormat.TOO_MANY_DISTINCT) {
            distinct.giveUp();
        } else {
            for (int i = 0; i < size; i++) {
                distinct.add(in.real(), in.count());
            }
        }
        byte[] kll = in.block();
        checkKll(kll, moments.finite());
        return NumberSketch.of(moments, distinct, kll);
    }

    /**
     * The sizes that the library takes from the bytes before it allocates by them: docs of DataSketches' KllPreambleUtil.
     */
    private static void checkKll(byte[] kll, long finite) throws PaneFormatException {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(kll).order(ByteOrder.LITTLE_ENDIAN);
            int preamble = buffer.get(0) & 0xFF;
            int accuracy = buffer.getShort(4) & 0xFFFF;
            boolean well = kll.length <= MOST_KLL_BYTES
                    && (preamble == KLL_PREAMBLE_FULL || preamble == KLL_PREAMBLE_SHORT)
                    && (buffer.get(1) == 1 || buffer.get(1) == 2)
                    && buffer.get(2) == KLL_FAMILY
                    && (buffer.get(3) & ~KLL_FLAGS_ALLOWED) == 0
                    && accuracy >= KLL_ACCURACY_LEAST
                    && accuracy <= KLL_ACCURACY_MOST
                    && buffer.get(6) == KLL_M;
            if (well && preamble == KLL_PREAMBLE_FULL) {
                int levels = buffer.get(18) & 0xFF;
                well = buffer.getLong(8) == finite && levels >= 1 && levels <= KLL_MOST_LEVELS;
                int from = 0;
                for (int i = 0; well && i < levels; i++) {
                    int level = buffer.getInt(20 + 4 * i);
                    well = level >= from && level <= MOST_KLL_BYTES;
                    from = level;
                }
            }
            if (!well) {
                throw new PaneFormatException("the pane is damaged: expected a KLL sketch of floats");
            }
        } catch (IndexOutOfBoundsException | BufferUnderflowException e) {
            throw new PaneFormatException("the pane is damaged: a KLL sketch is cut off", e);
        }
    }

    static CategorySketch categories(PaneInput in) throws PaneFormatException {
        long count = in.count();
        long missing = in.count();
        long error = in.count();
        int size = in.integer();
        if (size < 0 || size > MOST_FREQUENCIES) {
            throw new PaneFormatException(
                    "the pane is damaged: expected 0 to " + MOST_FREQUENCIES + " categories, found " + size);
        }
        List<Frequency> frequencies = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            String value = in.text();
            long times = in.count();
            frequencies.add(new Frequency(value, times, times + error));
        }
        byte[] hll = in.block();
        checkHll(hll);
        return CategorySketch.of(new CategorySketch.Parts(count, missing, error, frequencies, hll));
    }

    private static void checkHll(byte[] hll) throws PaneFormatException {
        boolean well = hll.length >= 8
                && hll.length <= MOST_HLL_BYTES
                && hll[1] == 1
                && hll[2] == HLL_FAMILY
                && hll[3] >= HLL_LG_K_LEAST
                && hll[3] <= HLL_LG_K_MOST
                && hll[4] >= 0
                && hll[4] <= HLL_LG_K_MOST
                && (hll[7] & 3) <= HLL_MODE_DENSE
                && ((hll[5] & HLL_FLAG_COMPACT) != 0 || (hll[7] & 3) == HLL_MODE_DENSE)
                && ((hll[7] >> 2) & 3) == HLL_TYPE_8;
        if (!well) {
            throw new PaneFormatException("the pane is damaged: expected a HyperLogLog sketch");
        }
    }
}
