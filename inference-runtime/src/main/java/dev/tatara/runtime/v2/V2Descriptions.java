package dev.tatara.runtime.v2;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.serving.Statistics;
import dev.tatara.runtime.serving.Statistics.Total;
import java.util.List;
import java.util.Map;

/** What the extensions of the protocol tell about a model: statistics, configuration, repository. */
public final class V2Descriptions {

    private V2Descriptions() {}

    /** The answer to {@code GET v2/models/<model>/stats}. */
    public static byte[] statistics(ServedModel model, Statistics statistics) {
        JsonBytes out = new JsonBytes();
        out.raw("{\"model_stats\":[{\"name\":").string(model.name());
        out.raw(",\"version\":").string(model.version());
        out.raw(",\"last_inference\":").number(statistics.lastInferenceMillis());
        out.raw(",\"inference_count\":").number(statistics.inferences());
        out.raw(",\"execution_count\":").number(statistics.executions());
        out.raw(",\"inference_stats\":{");
        total("success", statistics.success(), out).raw(',');
        total("fail", statistics.failure(), out).raw(',');
        total("queue", statistics.queue(), out).raw(',');
        total("compute_input", statistics.input(), out).raw(',');
        total("compute_infer", statistics.inference(), out).raw(',');
        total("compute_output", statistics.output(), out).raw(',');
        total("cache_hit", statistics.cacheHits(), out).raw(',');
        total("cache_miss", statistics.cacheMisses(), out).raw("},\"batch_stats\":[");
        boolean first = true;
        for (Map.Entry<Integer, Total> batch : statistics.batches().entrySet()) {
            out.raw(first ? "{\"batch_size\":" : ",{\"batch_size\":").number(batch.getKey());
            total("compute_infer", batch.getValue(), out.raw(',')).raw('}');
            first = false;
        }
        return out.raw("]}]}").toByteArray();
    }

    private static JsonBytes total(String name, Total total, JsonBytes out) {
        return out.string(name)
                .raw(":{\"count\":")
                .number(total.count())
                .raw(",\"ns\":")
                .number(total.nanos())
                .raw('}');
    }

    /** The answer to {@code GET v2/models/<model>/config}: shapes are whole, so there is no batch dimension to add. */
    public static byte[] config(ServedModel model) {
        JsonBytes out = new JsonBytes();
        out.raw("{\"name\":").string(model.name());
        out.raw(",\"platform\":\"onnxruntime_onnx\",\"backend\":\"onnxruntime\",\"max_batch_size\":0,\"input\":[");
        tensors(model.inputs(), out);
        out.raw("],\"output\":[");
        tensors(model.outputs(), out);
        return out.raw("]}").toByteArray();
    }

    private static void tensors(List<ValueInfo> values, JsonBytes out) {
        for (int i = 0; i < values.size(); i++) {
            ValueInfo value = values.get(i);
            boolean tensor = value.datatype().isTensor();
            Datatype datatype = tensor ? value.datatype() : Datatype.BYTES;
            out.raw(i == 0 ? "{\"name\":" : ",{\"name\":").string(value.name());
            out.raw(",\"data_type\":\"TYPE_")
                    .raw(datatype == Datatype.BYTES ? "STRING" : datatype.name())
                    .raw("\",\"dims\":")
                    .raw((tensor ? value.shape() : List.of(-1L)).toString().replace(" ", ""))
                    .raw('}');
        }
    }

    /**
     * The answer to {@code POST v2/repository/index}.
     *
     * @param name of the model that the settings name
     * @param onlyReady whether a model that isn't ready is left out
     */
    public static byte[] index(String name, String version, boolean ready, String reason, boolean onlyReady) {
        JsonBytes out = new JsonBytes().raw('[');
        if (ready || !onlyReady) {
            out.raw("{\"name\":").string(name).raw(",\"version\":").string(version);
            out.raw(",\"state\":").string(ready ? "READY" : "UNAVAILABLE");
            out.raw(",\"reason\":").string(reason).raw('}');
        }
        return out.raw(']').toByteArray();
    }
}
