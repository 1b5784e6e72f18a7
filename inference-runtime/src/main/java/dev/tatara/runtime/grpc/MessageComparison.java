package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.routing.AnswerComparison;
import dev.tatara.runtime.routing.TensorBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compares answers to {@code ModelInfer}: their outputs, not what names the model and the request. */
final class MessageComparison implements AnswerComparison {
    private static final int OUTPUTS = 5;
    private static final int RAW_OUTPUTS = 6;
    private static final int NAME = 1;
    private static final int DATATYPE = 2;
    private static final int SHAPE = 3;
    private static final int CONTENTS = 5;
    private static final int FP32_CONTENTS = 6;
    private static final int FP64_CONTENTS = 7;

    /** One output, its contents by their field in {@code InferTensorContents}. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Output(String name, String datatype, byte[] shape, List<Field> contents) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Field(int number, byte[] bytes) {}

    private record Message(List<Output> outputs, List<byte[]> raw) {}

    @Override
    public String difference(Answer answer, Answer shadow, double tolerance) {
        try {
            return difference(read(answer.bytes()), read(shadow.bytes()), tolerance);
        } catch (RequestException e) {
            return "an answer can't be read: " + e.getMessage();
        }
    }

    private static String difference(Message one, Message other, double tolerance) {
        if (one.outputs.size() != other.outputs.size() || one.raw.size() != other.raw.size()) {
            return one.outputs.size() + " outputs, " + one.raw.size() + " raw, against " + other.outputs.size() + ", "
                    + other.raw.size();
        }
        for (int i = 0; i < one.outputs.size(); i++) {
            Output a = one.outputs.get(i);
            Output b = other.outputs.get(i);
            if (!a.name.equals(b.name) || !a.datatype.equals(b.datatype) || !Arrays.equals(a.shape, b.shape)) {
                return "output " + a.name + " " + a.datatype + " against " + b.name + " " + b.datatype
                        + ", or of another shape";
            }
            String difference = i < one.raw.size()
                    ? TensorBytes.difference(a.datatype, one.raw.get(i), other.raw.get(i), tolerance)
                    : contents(a, b, tolerance);
            if (difference != null) {
                return "output " + a.name + ", " + difference;
            }
        }
        return null;
    }

    private static String contents(Output one, Output other, double tolerance) {
        if (one.contents.size() != other.contents.size()) {
            return one.contents.size() + " contents against " + other.contents.size();
        }
        for (int i = 0; i < one.contents.size(); i++) {
            Field a = one.contents.get(i);
            Field b = other.contents.get(i);
            String type =
                    switch (a.number) {
                        case FP32_CONTENTS -> "FP32";
                        case FP64_CONTENTS -> "FP64";
                        default -> "BYTES";
                    };
            String difference = a.number != b.number
                    ? "contents of another kind"
                    : TensorBytes.difference(type, a.bytes, b.bytes, tolerance);
            if (difference != null) {
                return difference;
            }
        }
        return null;
    }

    private static Message read(byte[] framed) throws RequestException {
        ProtoReader in = new ProtoReader();
        in.open(framed, Call.PREFIX, Math.max(0, framed.length - Call.PREFIX));
        Message message = new Message(new ArrayList<>(), new ArrayList<>());
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (ProtoReader.field(tag)) {
                case OUTPUTS -> message.outputs.add(output(in));
                case RAW_OUTPUTS -> message.raw.add(bytes(in));
                default -> in.skip(tag);
            }
        }
        return message;
    }

    private static Output output(ProtoReader in) throws RequestException {
        String name = "";
        String datatype = "";
        byte[] shape = {};
        List<Field> contents = new ArrayList<>();
        int outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (ProtoReader.field(tag)) {
                case NAME -> name = in.string();
                case DATATYPE -> datatype = in.string();
                case SHAPE -> {
                    if (ProtoReader.wireType(tag) == ProtoReader.DELIMITED) {
                        shape = bytes(in);
                    } else {
                        in.skip(tag);
                    }
                }
                case CONTENTS -> {
                    int around = in.enter();
                    for (int field = in.tag(); field != 0; field = in.tag()) {
                        contents.add(new Field(ProtoReader.field(field), bytes(in)));
                    }
                    in.leave(around);
                }
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        return new Output(name, datatype, shape, contents);
    }

    private static byte[] bytes(ProtoReader in) throws RequestException {
        int length = in.length();
        byte[] copy = Arrays.copyOfRange(in.bytes(), in.position(), in.position() + length);
        in.advance(length);
        return copy;
    }
}
