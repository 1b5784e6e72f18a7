package dev.tatara.runtime.inference;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.tatara.onnx.OnnxCall;
import dev.tatara.onnx.ValueInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One input of a request: elements are appended to native memory that is kept from request to request, then the shape
 * is set.
 */
public final class InputTensor {
    /** Far beyond what any model has; a bound for what a client can make us allocate. */
    public static final int MAX_RANK = 32;

    private static final int ALIGNMENT = 64;
    private static final int FIRST_BYTES = 256;
    private static final int KEPT_BYTES = 1 << 20;
    private static final byte[] EMPTY = {};

    private final ValueInfo info;
    private final boolean perRow;
    private final int elementSize;
    private final List<byte[]> strings = new ArrayList<>();
    private final long[] shape = new long[MAX_RANK];
    private Arena arena;
    private MemorySegment memory = MemorySegment.NULL;
    private long bytes;
    private long stringBytes;
    private int rank;
    private boolean given;

    InputTensor(ValueInfo info) {
        this(info, false);
    }

    InputTensor(ValueInfo info, boolean perRow) {
        this.info = info;
        this.perRow = perRow;
        this.elementSize = info.datatype().byteSize();
    }

    public ValueInfo info() {
        return info;
    }

    /** Whether it is a key of entities, a value per row, and no input of the model. */
    public boolean isPerRow() {
        return perRow;
    }

    /** Whether the request brought this input. */
    public boolean isGiven() {
        return given;
    }

    public void setGiven() {
        given = true;
    }

    /** Elements appended so far. */
    public long count() {
        return elementSize == 0 ? strings.size() : bytes / elementSize;
    }

    public int rank() {
        return rank;
    }

    public long dimension(int index) {
        return shape[index];
    }

    /** Sets the shape from the first {@code newRank} entries; its product must be {@link #count()}. */
    public void setShape(long[] dimensions, int newRank) {
        System.arraycopy(dimensions, 0, shape, 0, newRank);
        rank = newRank;
    }

    /** The elements so far as they lie in memory, valid until more are added; empty for strings. */
    public MemorySegment data() {
        return memory.asSlice(0, bytes);
    }

    /** The strings so far, to be left as they are; empty for numbers. */
    public List<byte[]> texts() {
        return strings;
    }

    public void addFloat(float value) {
        memory(4).set(JAVA_FLOAT_UNALIGNED, bytes, value);
        bytes += 4;
    }

    public void addDouble(double value) {
        memory(8).set(JAVA_DOUBLE_UNALIGNED, bytes, value);
        bytes += 8;
    }

    public void addLong(long value) {
        memory(8).set(JAVA_LONG_UNALIGNED, bytes, value);
        bytes += 8;
    }

    public void addInt(int value) {
        memory(4).set(JAVA_INT_UNALIGNED, bytes, value);
        bytes += 4;
    }

    public void addShort(short value) {
        memory(2).set(JAVA_SHORT_UNALIGNED, bytes, value);
        bytes += 2;
    }

    public void addByte(byte value) {
        memory(1).set(JAVA_BYTE, bytes, value);
        bytes += 1;
    }

    /** Appends elements as they lie in memory, least significant byte first, as on all machines that this runs on. */
    public void addAll(byte[] source, int offset, int length) {
        MemorySegment.copy(source, offset, memory(length), JAVA_BYTE, bytes, length);
        bytes += length;
    }

    /**
     * Puts the last elements in another order.
     *
     * @param places the n-th of the last {@code count} elements goes to place {@code places[n]} among them
     */
    public void reorderLast(int[] places, int count) {
        if (elementSize == 0) {
            List<byte[]> last = strings.subList(strings.size() - count, strings.size());
            List<byte[]> before = List.copyOf(last);
            for (int i = 0; i < count; i++) {
                last.set(places[i], before.get(i));
            }
            return;
        }
        long from = bytes - (long) count * elementSize;
        byte[] before = memory.asSlice(from, (long) count * elementSize).toArray(JAVA_BYTE);
        for (int i = 0; i < count; i++) {
            MemorySegment.copy(
                    before, i * elementSize, memory, JAVA_BYTE, from + (long) places[i] * elementSize, elementSize);
        }
    }

    public void addString(byte[] value) {
        strings.add(value);
        stringBytes += value.length;
    }

    /** Appends so many elements with nothing in them, zeros or empty strings, to be replaced in their place. */
    public void addEmpty(int elements) {
        if (elementSize == 0) {
            for (int i = 0; i < elements; i++) {
                strings.add(EMPTY);
            }
            return;
        }
        long more = (long) elements * elementSize;
        memory(more).asSlice(bytes, more).fill((byte) 0);
        bytes += more;
    }

    /** Puts a string in the place of another. */
    public void setString(int element, byte[] value) {
        stringBytes += value.length - strings.set(element, value).length;
    }

    /** Bytes of all elements. */
    public long bytes() {
        return bytes + stringBytes;
    }

    private MemorySegment memory(long more) {
        if (bytes + more > memory.byteSize()) {
            grow(bytes + more);
        }
        return memory;
    }

    private void grow(long needed) {
        Arena larger = Arena.ofShared();
        long size = Math.max(needed, Math.max(FIRST_BYTES, memory.byteSize() * 2));
        MemorySegment target = larger.allocate(size, ALIGNMENT);
        MemorySegment.copy(memory, 0, target, 0, bytes);
        free();
        arena = larger;
        memory = target;
    }

    void feed(OnnxCall call, int index) {
        if (elementSize == 0) {
            call.strings(index, strings, Arrays.copyOf(shape, rank));
        } else {
            if (arena == null) {
                grow(0);
            }
            call.input(index, memory, shape, rank);
        }
    }

    /** Appends all elements to those of other requests. */
    void addTo(InputTensor gathered) {
        if (elementSize == 0) {
            gathered.strings.addAll(strings);
            gathered.stringBytes += stringBytes;
        } else if (bytes > 0) {
            MemorySegment.copy(memory, 0, gathered.memory(bytes), gathered.bytes, bytes);
            gathered.bytes += bytes;
        }
    }

    /** Takes another's shape but for the number of rows. */
    void setShapeLike(InputTensor other, long rows) {
        System.arraycopy(other.shape, 0, shape, 0, other.rank);
        rank = other.rank;
        shape[0] = rows;
    }

    long addRowShape(long key) {
        long mixed = key * 31 + rank;
        for (int i = 1; i < rank; i++) {
            mixed = mixed * 0x100000001B3L + shape[i];
        }
        return mixed;
    }

    boolean hasRowsLike(InputTensor other) {
        return rank == other.rank && (rank < 2 || Arrays.equals(shape, 1, rank, other.shape, 1, rank));
    }

    void reset() {
        strings.clear();
        stringBytes = 0;
        bytes = 0;
        rank = 0;
        given = false;
        if (memory.byteSize() > KEPT_BYTES) {
            free();
        }
    }

    void free() {
        if (arena != null) {
            arena.close();
            arena = null;
            memory = MemorySegment.NULL;
        }
    }
}
