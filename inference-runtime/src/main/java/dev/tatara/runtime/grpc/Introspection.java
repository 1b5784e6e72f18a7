package dev.tatara.runtime.grpc;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.serving.Statistics;
import dev.tatara.runtime.v2.RequestRules;
import java.util.List;

/** The calls that tell about the server and its model. */
final class Introspection {
    private static final int FIRST_FIELD = ProtoReader.tag(1, ProtoReader.DELIMITED);
    private static final int SECOND_FIELD = ProtoReader.tag(2, ProtoReader.DELIMITED);
    private static final int READY_ONLY = ProtoReader.tag(2, ProtoReader.VARINT);

    private static final String PLATFORM = "onnxruntime_onnx";
    private static final String BACKEND = "onnxruntime";
    private static final List<String> EXTENSIONS = List.of("model_configuration", "model_repository", "statistics");

    private final Serving serving;
    private final String serverVersion;

    Introspection(Serving serving, String serverVersion) {
        this.serving = serving;
        this.serverVersion = serverVersion;
    }

    /** Which model a call is about; fields 1 and 2 of all their messages. */
    private record Named(String name, String version) {
        static Named read(ProtoReader in) throws RequestException {
            String name = "";
            String version = "";
            for (int tag = in.tag(); tag != 0; tag = in.tag()) {
                if (tag == FIRST_FIELD) {
                    name = in.string();
                } else if (tag == SECOND_FIELD) {
                    version = in.string();
                } else {
                    in.skip(tag);
                }
            }
            return new Named(name, version);
        }
    }

    Message serverLive(ProtoReader request) {
        return new Message().bool(1, true);
    }

    Message serverReady(ProtoReader request) {
        return new Message().bool(1, serving.isReady());
    }

    Message modelReady(ProtoReader request) throws RequestException {
        Named asked = Named.read(request);
        Serving.Loaded loaded = serving.loaded();
        if (loaded != null) {
            RequestRules.requireServed(loaded.model(), asked.name, asked.version);
        }
        return new Message().bool(1, serving.isReady());
    }

    Message serverMetadata(ProtoReader request) {
        Message metadata = new Message().text(1, "tatara").text(2, serverVersion);
        EXTENSIONS.forEach(extension -> metadata.text(3, extension));
        return metadata;
    }

    Message modelMetadata(ProtoReader request) throws RequestException {
        ServedModel model = served(Named.read(request));
        Message metadata =
                new Message().text(1, model.name()).text(2, model.version()).text(3, PLATFORM);
        model.inputs().forEach(value -> metadata.message(4, tensorMetadata(value)));
        model.outputs().forEach(value -> metadata.message(5, tensorMetadata(value)));
        return metadata;
    }

    private static Message tensorMetadata(ValueInfo value) {
        return new Message()
                .text(1, value.name())
                .text(2, datatype(value).name())
                .numbers(3, shape(value));
    }

    /** Sequences and maps are answered as texts. */
    private static Datatype datatype(ValueInfo value) {
        return value.datatype().isTensor() ? value.datatype() : Datatype.BYTES;
    }

    private static List<Long> shape(ValueInfo value) {
        return value.datatype().isTensor() ? value.shape() : List.of(-1L);
    }

    /** As much of Triton's model configuration as is true here: no dimension is left out for batches. */
    Message modelConfig(ProtoReader request) throws RequestException {
        ServedModel model = served(Named.read(request));
        Message config = new Message().text(1, model.name()).text(2, PLATFORM);
        for (ValueInfo input : model.inputs()) {
            config.message(5, tensorConfig(input, 4));
        }
        for (ValueInfo output : model.outputs()) {
            config.message(6, tensorConfig(output, 3));
        }
        return new Message().message(1, config.text(17, BACKEND));
    }

    private static Message tensorConfig(ValueInfo value, int dimensions) {
        return new Message()
                .text(1, value.name())
                .number(2, configDatatype(datatype(value)))
                .numbers(dimensions, shape(value));
    }

    /** The number of {@code inference.DataType}. */
    private static int configDatatype(Datatype datatype) {
        return switch (datatype) {
            case BOOL -> 1;
            case UINT8 -> 2;
            case UINT16 -> 3;
            case UINT32 -> 4;
            case UINT64 -> 5;
            case INT8 -> 6;
            case INT16 -> 7;
            case INT32 -> 8;
            case INT64 -> 9;
            case FP16 -> 10;
            case FP32 -> 11;
            case FP64 -> 12;
            case BYTES -> 13;
            case BF16 -> 14;
            case SEQUENCE, MAP, OTHER -> 0;
        };
    }

    Message repositoryIndex(ProtoReader request) throws RequestException {
        boolean onlyReady = false;
        for (int tag = request.tag(); tag != 0; tag = request.tag()) {
            if (tag == READY_ONLY) {
                onlyReady = request.varint() != 0;
            } else {
                request.skip(tag);
            }
        }
        Message index = new Message();
        Serving.Loaded loaded = serving.loaded();
        if (loaded != null && (serving.isReady() || !onlyReady)) {
            Message model = new Message()
                    .text(1, loaded.model().name())
                    .text(2, loaded.model().version())
                    .text(3, serving.isReady() ? "READY" : "UNAVAILABLE")
                    .text(4, serving.isReady() ? "" : "draining");
            index.message(1, model);
        }
        return index;
    }

    Message modelStatistics(ProtoReader request) throws RequestException {
        Named asked = Named.read(request);
        ServedModel model = served(asked.name.isEmpty() ? new Named(served().name(), asked.version) : asked);
        Statistics counted = serving.statistics();
        Message times = new Message()
                .message(1, duration(counted.success()))
                .message(2, duration(counted.failure()))
                .message(3, duration(counted.queue()))
                .message(4, duration(counted.input()))
                .message(5, duration(counted.inference()))
                .message(6, duration(counted.output()))
                .message(7, duration(counted.cacheHits()))
                .message(8, duration(counted.cacheMisses()));
        Message statistics = new Message()
                .text(1, model.name())
                .text(2, model.version())
                .number(3, counted.lastInferenceMillis())
                .number(4, counted.inferences())
                .number(5, counted.executions())
                .message(6, times);
        counted.batches()
                .forEach((rows, total) ->
                        statistics.message(7, new Message().number(1, rows).message(3, duration(total))));
        return new Message().message(1, statistics);
    }

    private static Message duration(Statistics.Total total) {
        return new Message().number(1, total.count()).number(2, total.nanos());
    }

    private ServedModel served(Named asked) throws RequestException {
        ServedModel model = served();
        RequestRules.requireServed(model, asked.name, asked.version);
        return model;
    }

    private ServedModel served() throws RequestException {
        Serving.Loaded loaded = serving.loaded();
        if (loaded == null) {
            throw new RequestException(503, serving.whyNotLoaded());
        }
        return loaded.model();
    }
}
