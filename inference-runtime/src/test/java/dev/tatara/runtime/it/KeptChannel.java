package dev.tatara.runtime.it;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Asks over gRPC, call by call on one HTTP/2 connection (RFC 9113). */
final class KeptChannel implements Asker {
    private static final String INFER = "/inference.GRPCInferenceService/ModelInfer";
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = {};

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RESET = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GO_AWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int ACKNOWLEDGED = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PRIORITY = 32;
    private static final int PRIORITY_BYTES = 5;
    private static final int FRAME_HEAD = 9;

    /** All that may be added to the window of a connection: it never has to be widened again. */
    private static final int WIDEST = Integer.MAX_VALUE - 65_535;

    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private final byte[] headers = headers();
    private final byte[] message = GrpcWire.framed(0, GrpcWire.IRIS).getBytes();
    private final Socket socket;
    private final DataInputStream in;
    private int stream = -1;

    KeptChannel(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        ByteBuffer first = ByteBuffer.allocate(PREFACE.length + 2 * FRAME_HEAD + Integer.BYTES);
        first.put(PREFACE);
        frame(first, SETTINGS, 0, 0, NOTHING);
        frame(
                first,
                WINDOW_UPDATE,
                0,
                0,
                ByteBuffer.allocate(Integer.BYTES).putInt(WIDEST).array());
        socket.getOutputStream().write(first.array());
    }

    /** None of them goes into the server's table, so that the same bytes will do for each call. */
    private static byte[] headers() {
        Http2Headers headers = new DefaultHttp2Headers()
                .method("POST")
                .scheme("http")
                .authority("bench")
                .path(INFER)
                .add("content-type", "application/grpc")
                .add("te", "trailers");
        ByteBuf encoded = Unpooled.buffer();
        try {
            new DefaultHttp2HeadersEncoder((name, value) -> true).encodeHeaders(1, headers, encoded);
        } catch (Http2Exception e) {
            throw new AssertionError(e);
        }
        byte[] bytes = new byte[encoded.readableBytes()];
        encoded.readBytes(bytes);
        return bytes;
    }

    private static void frame(ByteBuffer to, int type, int flags, int stream, byte[] payload) {
        to.putInt(payload.length << 8 | type).put((byte) flags).putInt(stream).put(payload);
    }

    @Override
    public void ask() throws IOException {
        stream += 2;
        ByteBuffer call = ByteBuffer.allocate(2 * FRAME_HEAD + headers.length + message.length);
        frame(call, HEADERS, END_HEADERS, stream, headers);
        frame(call, DATA, END_STREAM, stream, message);
        socket.getOutputStream().write(call.array());
        String status = null;
        for (boolean ended = false; !ended; ) {
            int lengthAndType = in.readInt();
            int flags = in.readUnsignedByte();
            int of = in.readInt();
            byte[] payload = in.readNBytes(lengthAndType >>> 8);
            switch (lengthAndType & 0xff) {
                case HEADERS -> {
                    CharSequence found = read(of, flags, payload).get("grpc-status");
                    status = found == null ? null : found.toString();
                    ended = (flags & END_STREAM) != 0;
                }
                case SETTINGS, PING -> acknowledge(lengthAndType & 0xff, flags, payload);
                case RESET, GO_AWAY -> throw new IOException("the server ended the call or the connection");
                // What the server takes in a call it lets the next one send: its window stays wide enough.
                default -> {}
            }
        }
        if (!"0".equals(status)) {
            throw new IOException("grpc-status " + status);
        }
    }

    /** Of each answer, since the next ones refer to what was in the ones before. */
    private Http2Headers read(int of, int flags, byte[] payload) throws IOException {
        int from = (flags & PRIORITY) == 0 ? 0 : PRIORITY_BYTES;
        try {
            return decoder.decodeHeaders(of, Unpooled.wrappedBuffer(payload, from, payload.length - from));
        } catch (Http2Exception e) {
            throw new IOException("headers that can't be read", e);
        }
    }

    private void acknowledge(int type, int flags, byte[] payload) throws IOException {
        if ((flags & ACKNOWLEDGED) == 0) {
            byte[] back = type == PING ? payload : NOTHING;
            ByteBuffer answer = ByteBuffer.allocate(FRAME_HEAD + back.length);
            frame(answer, type, ACKNOWLEDGED, 0, back);
            socket.getOutputStream().write(answer.array());
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
