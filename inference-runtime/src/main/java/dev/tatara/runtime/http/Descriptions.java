package dev.tatara.runtime.http;

import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.v2.V2Writer;
import io.netty.util.AsciiString;
import java.util.List;

/** Answers that tell about the server and the model. */
final class Descriptions {
    static final CharSequence PROMETHEUS = AsciiString.cached("text/plain; version=0.0.4; charset=utf-8");

    private Descriptions() {}

    static byte[] server(String version) {
        return V2Writer.server(version);
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
        out.string(serving.isDraining() ? "draining" : loaded == null ? "starting" : "healthy");
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
        out.raw(",\"trained_at\":null,\"features\":[");
        names(model.inputs(), out);
        out.raw("],\"outputs\":[");
        names(model.outputs(), out);
        out.raw("],\"metrics\":{},\"sha256\":").string(model.sha256());
        return out.raw('}').toByteArray();
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
