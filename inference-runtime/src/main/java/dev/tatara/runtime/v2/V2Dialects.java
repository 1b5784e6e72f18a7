package dev.tatara.runtime.v2;

import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.Lane;

/** Open Inference Protocol V2 over REST, on one lane. */
public final class V2Dialects {
    private final V2RequestReader reader;
    private final V2Writer writer;

    public V2Dialects(Lane lane) {
        this(lane.json(), lane.model());
    }

    public V2Dialects(Json json, ServedModel model) {
        reader = new V2RequestReader(json);
        writer = new V2Writer(model);
    }

    public V2Writer writer() {
        return writer;
    }

    /**
     * For one request.
     *
     * @param jsonLength how much of its body is JSON, −1 for all; the rest are tensors in binary form
     */
    public Dialect dialect(int jsonLength) {
        return new V2Dialect(reader, writer, jsonLength);
    }
}
