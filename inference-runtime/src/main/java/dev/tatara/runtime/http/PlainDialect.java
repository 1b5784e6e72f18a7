package dev.tatara.runtime.http;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.plain.FeatureReader;

/** {@code /predict} and {@code /predict/batch}. */
final class PlainDialect implements InferenceExchange.Dialect {
    private final boolean batch;
    private int rows;

    PlainDialect(boolean batch) {
        this.batch = batch;
    }

    @Override
    public void read(Lane lane, byte[] bytes, int offset, int length, InferenceRequest request)
            throws RequestException {
        FeatureReader reader = lane.featureReader();
        if (batch) {
            reader.readBatch(bytes, offset, length, request);
        } else {
            reader.readOne(bytes, offset, length, request);
        }
        rows = reader.rows();
        request.setId(reader.requestId());
        request.setOutputs(lane.predictionWriter().outputs());
    }

    @Override
    public void write(Lane lane, InferenceRequest request, InferenceAnswer answer, long nanos, JsonBytes out) {
        if (batch) {
            lane.predictionWriter().batch(answer, rows, request.id(), nanos, out);
        } else {
            lane.predictionWriter().one(answer, request.id(), nanos, out);
        }
    }
}
