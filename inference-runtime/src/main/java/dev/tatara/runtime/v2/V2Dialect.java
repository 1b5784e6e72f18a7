package dev.tatara.runtime.v2;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.Lane;
import dev.tatara.runtime.serving.Reply;

/** Open Inference Protocol V2 over REST. */
public final class V2Dialect implements Dialect {
    private final V2RequestReader reader;
    private final V2Writer writer;

    public V2Dialect(Lane lane) {
        reader = new V2RequestReader(lane.json());
        writer = new V2Writer(lane.model());
    }

    public V2Writer writer() {
        return writer;
    }

    @Override
    public void read(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        reader.read(bytes, offset, length, request);
    }

    @Override
    public void write(InferenceRequest request, InferenceAnswer answer, long nanos, Reply reply) {
        writer.answer(request, answer, reply.body());
    }
}
