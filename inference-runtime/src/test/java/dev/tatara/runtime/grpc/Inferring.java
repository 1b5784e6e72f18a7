package dev.tatara.runtime.grpc;

import com.google.protobuf.DynamicMessage;
import dev.tatara.runtime.InProcess;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.model.ModelFacts;
import java.util.Arrays;

/** A model behind reader, engine and writer of gRPC, without the network. */
final class Inferring implements AutoCloseable {
    static final long MOST_BYTES = 1 << 20;

    private final InProcess server;
    private final InferReader reader;
    private final InferWriter writer;

    Inferring(String model) {
        this(model, ModelFacts.NONE);
    }

    Inferring(String model, ModelFacts facts) {
        server = new InProcess(model, facts);
        reader = new InferReader(server.model(), null, MOST_BYTES);
        writer = new InferWriter(server.model());
    }

    /** The bytes of the answer to the bytes of a request. */
    byte[] infer(byte[] message) throws RequestException {
        // Messages lie somewhere inside a buffer.
        byte[] shifted = new byte[message.length + 7];
        Arrays.fill(shifted, (byte) 0x0a);
        System.arraycopy(message, 0, shifted, 3, message.length);
        InferReader.Asked[] asked = new InferReader.Asked[1];
        byte[][] answer = new byte[1][];
        server.ask(
                request -> asked[0] = reader.read(shifted, 3, message.length, request),
                (request, answered) -> answer[0] = writer.write(request, answered, asked[0], 2));
        return Arrays.copyOfRange(answer[0], 2, answer[0].length);
    }

    DynamicMessage infer(String request) throws RequestException {
        return Protobuf.parse("ModelInferResponse", infer(Protobuf.request(request)));
    }

    String ask(String request) throws RequestException {
        return Protobuf.text(infer(request));
    }

    @Override
    public void close() {
        server.close();
    }
}
