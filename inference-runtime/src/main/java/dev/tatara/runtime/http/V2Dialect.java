package dev.tatara.runtime.http;

import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.JsonBytes;

/** Open Inference Protocol V2. */
final class V2Dialect implements InferenceExchange.Dialect {
    static final V2Dialect INSTANCE = new V2Dialect();

    @Override
    public void read(Lane lane, byte[] bytes, int offset, int length, InferenceRequest request)
            throws RequestException {
        lane.v2Reader().read(bytes, offset, length, request);
    }

    @Override
    public void write(Lane lane, InferenceRequest request, InferenceAnswer answer, long nanos, JsonBytes out) {
        lane.v2Writer().answer(request, answer, out);
    }
}
