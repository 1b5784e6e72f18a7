package dev.tatara.runtime.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** Messages of src/main/proto by another codec than ours, written as text. */
public final class Protobuf {
    private static final FileDescriptor INFERENCE = file("inference.proto");

    private Protobuf() {}

    private static FileDescriptor file(String name) {
        try (InputStream in = Protobuf.class.getResourceAsStream("/grpc/services.desc")) {
            for (FileDescriptorProto file : FileDescriptorSet.parseFrom(in).getFileList()) {
                if (file.getName().equals(name)) {
                    return FileDescriptor.buildFrom(file, new FileDescriptor[0]);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Descriptors.DescriptorValidationException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalStateException("no " + name);
    }

    static Descriptor type(String name) {
        return INFERENCE.findMessageTypeByName(name);
    }

    /** A ModelInferRequest. */
    public static byte[] request(String text) {
        try {
            DynamicMessage.Builder builder = DynamicMessage.newBuilder(type("ModelInferRequest"));
            TextFormat.merge(text.replace('\'', '"'), builder);
            return builder.build().toByteArray();
        } catch (TextFormat.ParseException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    public static DynamicMessage parse(String type, byte[] message) {
        try {
            return DynamicMessage.parseFrom(type(type), message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** In one line. */
    public static String text(DynamicMessage message) {
        return TextFormat.printer()
                .emittingSingleLine(true)
                .printToString(message)
                .strip()
                .replace('"', '\'');
    }

    static FieldDescriptor field(DynamicMessage message, String name) {
        return message.getDescriptorForType().findFieldByName(name);
    }

    /** What is in a repeated field of bytes. */
    static List<byte[]> bytes(DynamicMessage message, String name) {
        return ((List<?>) message.getField(field(message, name)))
                .stream().map(value -> ((ByteString) value).toByteArray()).toList();
    }
}
