package dev.tatara.runtime.v2;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.Reply;

/** One request of the Open Inference Protocol V2 over REST. */
final class V2Dialect implements Dialect {
    private final V2RequestReader reader;
    private final V2Writer writer;
    private final int jsonLength;
    private V2Wishes wishes;

    V2Dialect(V2RequestReader reader, V2Writer writer, int jsonLength) {
        this.reader = reader;
        this.writer = writer;
        this.jsonLength = jsonLength;
    }

    @Override
    public void read(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        if (jsonLength > length) {
            throw RequestException.bad("the header Inference-Header-Content-Length says " + jsonLength
                    + " bytes of JSON, the body has " + length + " bytes");
        }
        reader.read(bytes, offset, length, jsonLength < 0 ? length : jsonLength, request);
        wishes = reader.wishes();
    }

    @Override
    public void write(InferenceRequest request, InferenceAnswer answer, long nanos, Reply reply) {
        if (wishes == null) {
            writer.answer(request, answer, reply.body());
        } else {
            writer.answer(request, answer, wishes, reply);
        }
    }
}
