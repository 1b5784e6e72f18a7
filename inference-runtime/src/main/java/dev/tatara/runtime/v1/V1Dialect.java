package dev.tatara.runtime.v1;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.plain.FeatureReader;
import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.Reply;

/** One request to {@code /v1/models/<model>:predict}. */
final class V1Dialect implements Dialect {
    private final FeatureReader reader;
    private final V1Writer writer;
    private int rows;

    V1Dialect(FeatureReader reader, V1Writer writer) {
        this.reader = reader;
        this.writer = writer;
    }

    @Override
    public void read(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        reader.readInstances(bytes, offset, length, request);
        rows = reader.rows();
        request.setOutputs(writer.outputs());
    }

    @Override
    public void write(InferenceRequest request, InferenceAnswer answer, long nanos, Reply reply) {
        writer.answer(answer, rows, reply.body());
    }
}
