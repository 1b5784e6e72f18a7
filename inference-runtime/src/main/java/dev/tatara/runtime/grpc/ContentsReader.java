package dev.tatara.runtime.grpc;

import dev.tatara.onnx.Datatype;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;

/** Reads elements from an {@code InferTensorContents} straight into an input's memory. */
final class ContentsReader {
    static final int BOOLS = 1;
    static final int INTS = 2;
    static final int INT64S = 3;
    static final int UINTS = 4;
    static final int UINT64S = 5;
    static final int FP32S = 6;
    static final int FP64S = 7;
    static final int BYTES = 8;

    private static final String[] NAMES = {
        "",
        "bool_contents",
        "int_contents",
        "int64_contents",
        "uint_contents",
        "uint64_contents",
        "fp32_contents",
        "fp64_contents",
        "bytes_contents"
    };
    private static final int[] WIRE_TYPES = {
        -1,
        ProtoReader.VARINT,
        ProtoReader.VARINT,
        ProtoReader.VARINT,
        ProtoReader.VARINT,
        ProtoReader.VARINT,
        ProtoReader.FIXED32,
        ProtoReader.FIXED64,
        ProtoReader.DELIMITED
    };

    private ContentsReader() {}

    /** The field that elements of a type are in, 0 for types that have none. */
    static int field(Datatype datatype) {
        return switch (datatype) {
            case BOOL -> BOOLS;
            case INT8, INT16, INT32 -> INTS;
            case INT64 -> INT64S;
            case UINT8, UINT16, UINT32 -> UINTS;
            case UINT64 -> UINT64S;
            case FP32 -> FP32S;
            case FP64 -> FP64S;
            case BYTES -> BYTES;
            case FP16, BF16, SEQUENCE, MAP, OTHER -> 0;
        };
    }

    /**
     * Reads to the end of the message that the reader is in.
     *
     * @param most the number of elements that the shape asks for: no more are let in
     */
    static void read(ProtoReader in, InputTensor tensor, long most) throws RequestException {
        int own = field(tensor.info().datatype());
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            int field = ProtoReader.field(tag);
            int wireType = ProtoReader.wireType(tag);
            if (field > BYTES) {
                in.skip(tag);
            } else if (field != own) {
                requireEmpty(in, tag, tensor);
            } else if (wireType == WIRE_TYPES[own]) {
                if (tensor.count() == most) {
                    throw tooMany(tensor);
                }
                element(in, tensor);
            } else if (wireType == ProtoReader.DELIMITED) {
                int outer = in.enter();
                packed(in, own, tensor, most);
                in.leave(outer);
            } else {
                in.skip(tag);
            }
        }
    }

    private static void requireEmpty(ProtoReader in, int tag, InputTensor tensor) throws RequestException {
        int before = in.position();
        in.skip(tag);
        boolean empty = ProtoReader.wireType(tag) == ProtoReader.DELIMITED
                && ProtoReader.field(tag) != BYTES
                && in.position() == before + 1;
        if (empty) {
            return;
        }
        int own = field(tensor.info().datatype());
        throw RequestException.bad("input \"" + tensor.info().name() + "\" is "
                + tensor.info().datatype() + ", which "
                + (own == 0 ? "comes in \"raw_input_contents\" only" : "belongs in \"" + NAMES[own] + "\"") + ", got \""
                + NAMES[ProtoReader.field(tag)] + "\"");
    }

    private static void packed(ProtoReader in, int field, InputTensor tensor, long most) throws RequestException {
        long room = most - tensor.count();
        if (field == FP32S || field == FP64S) {
            int length = in.end() - in.position();
            if (length % tensor.info().datatype().byteSize() != 0) {
                throw in.broken("a number that isn't whole");
            }
            if (length / tensor.info().datatype().byteSize() > room) {
                throw tooMany(tensor);
            }
            tensor.addAll(in.bytes(), in.position(), length);
            return;
        }
        for (; in.hasMore(); room--) {
            if (room == 0) {
                throw tooMany(tensor);
            }
            element(in, tensor);
        }
    }

    private static RequestException tooMany(InputTensor tensor) {
        return RequestException.bad(
                "input \"" + tensor.info().name() + "\": \"contents\" has more elements than \"shape\" says");
    }

    private static void element(ProtoReader in, InputTensor tensor) throws RequestException {
        switch (tensor.info().datatype()) {
            case BOOL -> tensor.addByte((byte) (in.varint() == 0 ? 0 : 1));
            case INT8 -> tensor.addByte((byte) between(in.varint(), Byte.MIN_VALUE, Byte.MAX_VALUE, tensor));
            case INT16 -> tensor.addShort((short) between(in.varint(), Short.MIN_VALUE, Short.MAX_VALUE, tensor));
            case INT32 -> tensor.addInt((int) between(in.varint(), Integer.MIN_VALUE, Integer.MAX_VALUE, tensor));
            case INT64, UINT64 -> tensor.addLong(in.varint());
            case UINT8 -> tensor.addByte((byte) between(in.varint(), 0, 0xff, tensor));
            case UINT16 -> tensor.addShort((short) between(in.varint(), 0, 0xffff, tensor));
            case UINT32 -> tensor.addInt((int) between(in.varint(), 0, 0xffff_ffffL, tensor));
            case FP32, FP64 -> {
                int size = tensor.info().datatype().byteSize();
                if (in.end() - in.position() < size) {
                    throw in.broken("a number that isn't whole");
                }
                tensor.addAll(in.bytes(), in.position(), size);
                in.advance(size);
            }
            case BYTES -> {
                int length = in.length();
                tensor.addString(java.util.Arrays.copyOfRange(in.bytes(), in.position(), in.position() + length));
                in.advance(length);
            }
            case FP16, BF16, SEQUENCE, MAP, OTHER ->
                throw new IllegalStateException(tensor.info().datatype() + " has no field");
        }
    }

    private static long between(long value, long least, long most, InputTensor tensor) throws RequestException {
        if (value < least || value > most) {
            throw RequestException.bad("input \"" + tensor.info().name() + "\": element " + tensor.count() + ", "
                    + value + ", does not fit " + tensor.info().datatype());
        }
        return value;
    }
}
