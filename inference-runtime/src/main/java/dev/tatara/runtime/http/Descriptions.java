package dev.tatara.runtime.http;

import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.model.ModelFacts;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.v2.V2Writer;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Answers that tell about the server and the model. */
final class Descriptions {
    static final CharSequence PROMETHEUS = AsciiString.cached("text/plain; version=0.0.4; charset=utf-8");

    private Descriptions() {}

    static byte[] server(String version) {
        return V2Writer.server(version);
    }

    /** The answer to {@code GET v1/models}. */
    static byte[] models(ServedModel model) {
        return new JsonBytes()
                .raw("{\"models\":[")
                .string(model.name())
                .raw("]}")
                .toByteArray();
    }

    static byte[] modelReady(String name, boolean ready) {
        return new JsonBytes()
                .raw("{\"name\":")
                .string(name)
                .raw(",\"ready\":")
                .bool(ready)
                .raw('}')
                .toByteArray();
    }

    static byte[] health(Serving serving) {
        Serving.Loaded loaded = serving.loaded();
        JsonBytes out = new JsonBytes().raw("{\"status\":");
        out.string(serving.isDraining() ? "draining" : serving.isReady() ? "healthy" : "starting");
        out.raw(",\"model_loaded\":").bool(loaded != null).raw(",\"model_version\":");
        if (loaded == null) {
            out.raw("null");
        } else {
            out.string(loaded.model().version());
        }
        return out.raw('}').toByteArray();
    }

    static byte[] modelInfo(ServedModel model) {
        JsonBytes out = new JsonBytes().raw("{\"model_name\":").string(model.name());
        out.raw(",\"version\":").string(model.version());
        ModelFacts facts = model.facts();
        out.raw(",\"trained_at\":");
        optional(facts.trainedAt(), out);
        out.raw(",\"task\":");
        optional(facts.task(), out);
        out.raw(",\"features\":[");
        names(model.inputs(), out);
        out.raw("],\"feature_names\":[");
        strings(facts.features(), out);
        out.raw("],\"classes\":[");
        strings(facts.classes(), out);
        out.raw("],\"outputs\":[");
        names(model.outputs(), out);
        out.raw("],\"metrics\":{");
        boolean first = true;
        for (Map.Entry<String, Double> metric : new TreeMap<>(facts.metrics()).entrySet()) {
            if (!first) {
                out.raw(',');
            }
            out.string(metric.getKey()).raw(':').number(metric.getValue().doubleValue());
            first = false;
        }
        out.raw("},\"sha256\":").string(model.sha256());
        return out.raw('}').toByteArray();
    }

    private static void optional(Optional<String> text, JsonBytes out) {
        if (text.isPresent()) {
            out.string(text.get());
        } else {
            out.raw("null");
        }
    }

    private static void strings(List<String> texts, JsonBytes out) {
        for (int i = 0; i < texts.size(); i++) {
            if (i > 0) {
                out.raw(',');
            }
            out.string(texts.get(i));
        }
    }

    private static void names(List<ValueInfo> values, JsonBytes out) {
        for (int i = 0; i < values.size(); i++) {
            ValueInfo value = values.get(i);
            out.raw(i == 0 ? "{\"name\":" : ",{\"name\":").string(value.name());
            out.raw(",\"datatype\":\"").raw(value.datatype().name()).raw("\",\"shape\":");
            out.raw(value.shape().toString().replace(" ", "")).raw('}');
        }
    }
}
