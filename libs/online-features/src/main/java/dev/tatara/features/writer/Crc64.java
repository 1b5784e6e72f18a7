package dev.tatara.features.writer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The cyclic redundancy check behind what Redis dumps: CRC-64 with the polynomial 0xad93d23594c935a9 (Jones), reflected,
 * from 0; that of the text 123456789 is 0xe9c6d914c4b8d9ca. Eight bytes are taken at a time (Kounavis and Berry, slicing
 * by 8).
 */
final class Crc64 {
    private static final long REFLECTED = 0x95ac9329ac4bc9b5L;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** What a byte comes to when so many bytes follow it. */
    private static final long[][] TABLES = tables();

    private Crc64() {}

    /** The check of an array's first bytes. */
    static long of(byte[] bytes, int length) {
        long crc = 0;
        int at = 0;
        for (; at <= length - 8; at += 8) {
            long eight = crc ^ (long) LONG.get(bytes, at);
            crc = 0;
            for (int i = 0; i < 8; i++) {
                crc ^= TABLES[7 - i][(int) (eight >>> (8 * i)) & 0xff];
            }
        }
        for (; at < length; at++) {
            crc = TABLES[0][(int) (crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
        }
        return crc;
    }

    private static long[][] tables() {
        long[][] tables = new long[8][256];
        for (int value = 0; value < 256; value++) {
            long crc = value;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ REFLECTED;
            }
            tables[0][value] = crc;
        }
        for (int table = 1; table < 8; table++) {
            for (int value = 0; value < 256; value++) {
                long before = tables[table - 1][value];
                tables[table][value] = tables[0][(int) before & 0xff] ^ (before >>> 8);
            }
        }
        return tables;
    }
}
