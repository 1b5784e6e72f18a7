package dev.tatara.runtime.plain;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.Reply;

/** One request to {@code /predict} or {@code /predict/batch}. */
final class PlainDialect implements Dialect {
    private final FeatureReader reader;
    private final PredictionWriter writer;
    private final boolean batch;
    private int rows;

    PlainDialect(FeatureReader reader, PredictionWriter writer, boolean batch) {
        this.reader = reader;
        this.writer = writer;
        this.batch = batch;
    }

    @Override
    public void read(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        if (batch) {
            reader.readBatch(bytes, offset, length, request);
        } else {
            reader.readOne(bytes, offset, length, request);
        }
        rows = reader.rows();
        request.setId(reader.requestId());
        request.setOutputs(writer.outputs());
    }

    @Override
    public void write(InferenceRequest request, InferenceAnswer answer, long nanos, Reply reply) {
        if (batch) {
            writer.batch(answer, rows, request.requestId(), nanos, reply.body());
        } else {
            writer.one(answer, request.requestId(), nanos, reply.body());
        }
    }
}
