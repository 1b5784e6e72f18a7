package dev.tatara.runtime.training;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** As much of a gRPC client as it takes to call ModelInfer: HTTP/2 frames (RFC 9113) with uncompressed headers. */
final class TrainingCalls {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int TIMEOUT_MILLIS = 10_000;

    private static final byte[] ROW = ByteBuffer.allocate(16)
            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
            .putFloat(5.1f)
            .putFloat(3.5f)
            .putFloat(1.4f)
            .putFloat(0.2f)
            .array();

    private TrainingCalls() {}

    /** Calls so many times, half with raw and half with typed contents, and awaits the answers. */
    static void send(int port, String model, String input, int rounds) {
        byte[] headers = headers(
                ":method", "POST",
                ":scheme", "http",
                ":authority", "localhost",
                ":path", "/inference.GRPCInferenceService/ModelInfer",
                "content-type", "application/grpc",
                "te", "trailers",
                "grpc-timeout", "10S");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(PREFACE.getBytes(StandardCharsets.US_ASCII));
            frame(SETTINGS, 0, 0, new byte[0], out);
            for (int i = 0; i < rounds; i++) {
                frame(HEADERS, END_HEADERS, 2 * i + 1, headers, out);
                frame(DATA, END_STREAM, 2 * i + 1, message(model, input, i % 2 == 0), out);
            }
            OutputStream to = socket.getOutputStream();
            to.write(out.toByteArray());
            to.flush();
            await(new DataInputStream(socket.getInputStream()), rounds);
        } catch (IOException e) {
            throw new UncheckedIOException("the server does not answer gRPC calls", e);
        }
    }

    private static void await(DataInputStream in, int rounds) throws IOException {
        int ended = 0;
        while (ended < rounds) {
            int lengthAndType = in.readInt();
            int flags = in.readUnsignedByte();
            in.readInt();
            in.readNBytes(lengthAndType >>> 8);
            if ((lengthAndType & 0xff) == HEADERS && (flags & END_STREAM) != 0) {
                ended++;
            }
        }
    }

    private static void frame(int type, int flags, int stream, byte[] payload, ByteArrayOutputStream out) {
        out.writeBytes(ByteBuffer.allocate(9)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .array());
        out.writeBytes(payload);
    }

    /** Each as a literal with a name of its own, never indexed (RFC 7541, 6.2.2); none is longer than 126 bytes. */
    private static byte[] headers(String... namesAndValues) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            out.write(0);
            text(namesAndValues[i], out);
            text(namesAndValues[i + 1], out);
        }
        return out.toByteArray();
    }

    private static void text(String text, ByteArrayOutputStream out) {
        out.write(text.length());
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] message(String model, String input, boolean raw) {
        ByteArrayOutputStream tensor = new ByteArrayOutputStream();
        field(1, input.getBytes(StandardCharsets.UTF_8), tensor);
        field(2, "FP32".getBytes(StandardCharsets.US_ASCII), tensor);
        field(3, new byte[] {1, 4}, tensor);
        if (!raw) {
            ByteArrayOutputStream contents = new ByteArrayOutputStream();
            field(6, ROW, contents);
            field(5, contents.toByteArray(), tensor);
        }
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        field(1, model.getBytes(StandardCharsets.UTF_8), request);
        field(3, new byte[] {'1'}, request);
        field(5, tensor.toByteArray(), request);
        if (raw) {
            field(7, ROW, request);
        }
        return ByteBuffer.allocate(5 + request.size())
                .put((byte) 0)
                .putInt(request.size())
                .put(request.toByteArray())
                .array();
    }

    /** A field of a protocol buffer; none is longer than 127 bytes. */
    private static void field(int number, byte[] content, ByteArrayOutputStream out) {
        out.write(number << 3 | 2);
        out.write(content.length);
        out.writeBytes(content);
    }
}
