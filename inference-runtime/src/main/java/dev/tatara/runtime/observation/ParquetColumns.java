package dev.tatara.runtime.observation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * A Parquet file of one row group with one gzipped, plainly encoded page per column: the least of the format
 * (parquet-format 2.x) that every reader understands.
 */
final class ParquetColumns {
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int PLAIN = 0;
    private static final int RLE = 3;
    private static final int GZIP = 2;
    private static final int REQUIRED = 0;
    private static final int OPTIONAL = 1;
    private static final byte[] NOTHING = {};
    private static final int I32 = 5;
    private static final int I64 = 6;
    private static final int BINARY = 8;
    private static final int LIST = 9;
    private static final int STRUCT = 12;

    private final List<Column> columns = new ArrayList<>();

    /** Parquet's physical types that are used, by their numbers there. */
    enum Type {
        INT32(1, -1),
        /** Microseconds since 1970, UTC. */
        MICROS(2, 10),
        DOUBLE(5, -1),
        TEXT(6, 0);

        private final int physical;
        private final int converted;

        Type(int physical, int converted) {
            this.physical = physical;
            this.converted = converted;
        }
    }

    /** A column's values as Parquet's plain encoding has them, little-endian. */
    static final class Column {
        private final String name;
        private final Type type;
        private final boolean optional;
        private final BitSet present = new BitSet();
        private int rows;
        private final ByteArrayOutputStream values = new ByteArrayOutputStream();
        private long offset;
        private int raw;
        private int packed;

        private Column(String name, Type type, boolean optional) {
            this.name = name;
            this.type = type;
            this.optional = optional;
        }

        void addInt(int value) {
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                values.write(value >>> shift);
            }
        }

        void addLong(long value) {
            addInt((int) value);
            addInt((int) (value >>> Integer.SIZE));
        }

        void addDouble(double value) {
            addLong(Double.doubleToLongBits(value));
        }

        /**
         * Adds a text.
         *
         * @param utf8 null for none, in an optional column
         */
        void addText(byte[] utf8) {
            if (optional) {
                present.set(rows++, utf8 != null);
                if (utf8 == null) {
                    return;
                }
            }
            addInt(utf8.length);
            values.write(utf8, 0, utf8.length);
        }

        /** Which rows have a value, as one bit-packed run of parquet's RLE hybrid; nothing where all must. */
        private byte[] levels() {
            if (!optional) {
                return NOTHING;
            }
            byte[] bits = Arrays.copyOf(present.toByteArray(), (rows + Byte.SIZE - 1) / Byte.SIZE);
            Column levels = new Column(name, type, false);
            ByteArrayOutputStream run = new ByteArrayOutputStream();
            Thrift.varint((long) bits.length << 1 | 1, run);
            run.writeBytes(bits);
            levels.addText(run.toByteArray());
            return levels.values.toByteArray();
        }
    }

    /** A column with a value in each row. */
    Column add(String name, Type type) {
        return add(new Column(name, type, false));
    }

    /** A column of texts with rows that have none. */
    Column addOptional(String name) {
        return add(new Column(name, Type.TEXT, true));
    }

    private Column add(Column column) {
        columns.add(column);
        return column;
    }

    /** Bytes of all values so far. */
    int bytes() {
        int bytes = 0;
        for (Column column : columns) {
            bytes += column.values.size();
        }
        return bytes;
    }

    /** The file. */
    byte[] write(int rows) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(MAGIC);
            for (Column column : columns) {
                page(column, rows, out);
            }
            byte[] footer = footer(rows);
            out.write(footer);
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                out.write(footer.length >>> shift);
            }
            out.write(MAGIC);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void page(Column column, int rows, ByteArrayOutputStream out) throws IOException {
        byte[] levels = column.levels();
        int size = levels.length + column.values.size();
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(levels);
            column.values.writeTo(gzip);
        }
        Thrift header = new Thrift();
        header.number(1, I32, 0);
        header.number(2, I32, size);
        header.number(3, I32, packed.size());
        header.begin(5);
        header.number(1, I32, rows);
        header.number(2, I32, PLAIN);
        header.number(3, I32, RLE);
        header.number(4, I32, RLE);
        header.end();
        header.end();
        column.offset = out.size();
        out.write(header.bytes());
        packed.writeTo(out);
        column.packed = out.size() - (int) column.offset;
        column.raw = header.bytes().length + size;
    }

    private byte[] footer(int rows) {
        Thrift file = new Thrift();
        file.number(1, I32, 1);
        file.list(2, STRUCT, columns.size() + 1);
        file.push();
        file.text(4, "schema");
        file.number(5, I32, columns.size());
        file.end();
        for (Column column : columns) {
            file.push();
            file.number(1, I32, column.type.physical);
            file.number(3, I32, column.optional ? OPTIONAL : REQUIRED);
            file.text(4, column.name);
            if (column.type.converted >= 0) {
                file.number(6, I32, column.type.converted);
            }
            file.end();
        }
        file.number(3, I64, rows);
        file.list(4, STRUCT, 1);
        file.push();
        file.list(1, STRUCT, columns.size());
        for (Column column : columns) {
            chunk(file, column, rows);
        }
        file.number(2, I64, columns.stream().mapToLong(column -> column.raw).sum());
        file.number(3, I64, rows);
        file.end();
        file.text(6, "tatara");
        file.end();
        return file.bytes();
    }

    private static void chunk(Thrift file, Column column, int rows) {
        file.push();
        file.number(2, I64, column.offset);
        file.begin(3);
        file.number(1, I32, column.type.physical);
        file.list(2, I32, 1);
        file.element(PLAIN);
        file.list(3, BINARY, 1);
        file.element(column.name);
        file.number(4, I32, GZIP);
        file.number(5, I64, rows);
        file.number(6, I64, column.raw);
        file.number(7, I64, column.packed);
        file.number(9, I64, column.offset);
        file.end();
        file.end();
    }

    /** Thrift's compact protocol, as much of it as Parquet's headers need. */
    private static final class Thrift {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final List<Integer> outer = new ArrayList<>();
        private int last;

        private void field(int id, int type) {
            out.write((id - last) << 4 | type);
            last = id;
        }

        void number(int id, int type, long value) {
            field(id, type);
            varint((value << 1) ^ (value >> 63));
        }

        void text(int id, String value) {
            field(id, BINARY);
            element(value);
        }

        void list(int id, int elementType, int size) {
            field(id, LIST);
            if (size < 15) {
                out.write(size << 4 | elementType);
            } else {
                out.write(0xF0 | elementType);
                varint(size);
            }
        }

        void element(int value) {
            varint((long) value << 1);
        }

        void element(String value) {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            varint(utf8.length);
            out.write(utf8, 0, utf8.length);
        }

        void begin(int id) {
            field(id, STRUCT);
            push();
        }

        /** Begins a structure that is an element of a list. */
        void push() {
            outer.add(last);
            last = 0;
        }

        void end() {
            out.write(0);
            last = outer.isEmpty() ? 0 : outer.removeLast();
        }

        private void varint(long value) {
            varint(value, out);
        }

        static void varint(long value, ByteArrayOutputStream to) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                to.write((int) (rest & 0x7F) | 0x80);
                rest >>>= 7;
            }
            to.write((int) rest);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
