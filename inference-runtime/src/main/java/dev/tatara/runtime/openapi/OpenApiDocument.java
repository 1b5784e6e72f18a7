package dev.tatara.runtime.openapi;

import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineView;
import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.features.StoredView;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.model.ServedModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The OpenAPI document of the model that is served: its paths, its inputs and outputs, and an example that it answers.
 * What is the same for all models is a resource of this package.
 */
public final class OpenApiDocument {
    private static final String PATH_NAME = "@model@";
    private static final String PATH_VERSION = "@version@";
    private static final String PATHS = "\"paths\": {";

    private OpenApiDocument() {}

    /**
     * The document as JSON.
     *
     * @param rest whether inference by REST is served, and with it features
     * @param views that features are looked up in
     */
    public static byte[] of(ServedModel model, boolean rest, List<StoredView> views) {
        String template =
                rest ? withFeatures(resource("openapi.json"), views) : resource("openapi-without-inference.json");
        return template.replace(PATH_NAME, escaped(model.name()))
                .replace(PATH_VERSION, escaped(model.version()))
                .replace("\"@v2-example@\"", v2Example(model))
                .replace("\"@row-example@\"", rowExample(model))
                .replace("\"@row-schema@\"", rowSchema(model))
                .replace("\"@input-schema@\"", tensorSchema(model.inputs()))
                .replace("\"@output-schema@\"", tensorSchema(model.outputs()))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The document of a server that has features and no model. */
    public static byte[] of(List<StoredView> views) {
        return withFeatures(resource("openapi-features.json"), views).getBytes(StandardCharsets.UTF_8);
    }

    private static String withFeatures(String template, List<StoredView> views) {
        if (views.isEmpty()) {
            return template;
        }
        OnlineView view = views.getFirst().view();
        JsonBytes features = new JsonBytes().raw('[');
        for (OnlineFeature feature : view.features()) {
            features.raw(features.size() == 1 ? "" : ",").string(view.name() + ":" + feature.name());
        }
        JsonBytes entities = new JsonBytes().raw('{');
        for (JoinKey key : view.joinKeys()) {
            entities.raw(entities.size() == 1 ? "" : ",").string(key.name()).raw(":[");
            entities.raw(keyExample(key.type())).raw(']');
        }
        String path = resource("online-features.json")
                .replace("\"@features-example@\"", text(features.raw(']')))
                .replace("\"@entities-example@\"", text(entities.raw('}')));
        return template.replace(PATHS, PATHS + "\"/get-online-features\":" + path + ",");
    }

    private static String keyExample(FeatureType type) {
        return switch (type) {
            case BOOL -> "false";
            case STRING -> "\"a\"";
            case BYTES -> "\"YQ==\"";
            case UNIX_TIMESTAMP -> "\"1970-01-01T00:00:00Z\"";
            default -> "1";
        };
    }

    private static String resource(String name) {
        try (InputStream in = OpenApiDocument.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Inside a JSON string. */
    private static String escaped(String text) {
        String quoted = text(new JsonBytes().string(text));
        return quoted.substring(1, quoted.length() - 1);
    }

    private static String text(JsonBytes json) {
        return new String(json.toByteArray(), StandardCharsets.UTF_8);
    }

    private static long size(ValueInfo value) {
        long size = 1;
        for (long dimension : value.shape()) {
            size *= Math.abs(dimension);
        }
        return Math.min(size, 1_000);
    }

    private static void zeros(ValueInfo input, JsonBytes out) {
        String zero =
                switch (input.datatype()) {
                    case BOOL -> "false";
                    case BYTES -> "\"\"";
                    case FP16, BF16, FP32, FP64 -> "0.0";
                    case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, SEQUENCE, MAP, OTHER -> "0";
                };
        out.raw('[');
        for (long i = 0; i < size(input); i++) {
            out.raw(i == 0 ? "" : ",").raw(zero);
        }
        out.raw(']');
    }

    private static String v2Example(ServedModel model) {
        JsonBytes out = new JsonBytes().raw("{\"id\":\"1\",\"inputs\":[");
        for (int i = 0; i < model.inputs().size(); i++) {
            ValueInfo input = model.inputs().get(i);
            List<Long> shape = input.shape().stream().map(Math::abs).toList();
            out.raw(i == 0 ? "{\"name\":" : ",{\"name\":").string(input.name());
            out.raw(",\"datatype\":\"").raw(input.datatype().name());
            out.raw("\",\"shape\":").raw(shape.toString().replace(" ", "")).raw(",\"data\":");
            zeros(input, out);
            out.raw('}');
        }
        return text(out.raw("]}"));
    }

    private static boolean isNamed(ServedModel model) {
        return model.inputs().size() > 1 || !model.facts().features().isEmpty();
    }

    private static String rowExample(ServedModel model) {
        JsonBytes out = new JsonBytes();
        if (model.inputs().size() > 1) {
            for (int i = 0; i < model.inputs().size(); i++) {
                out.raw(i == 0 ? '{' : ',').string(model.inputs().get(i).name()).raw(':');
                zeros(model.inputs().get(i), out);
            }
            return text(out.raw('}'));
        }
        if (isNamed(model)) {
            for (int i = 0; i < model.facts().features().size(); i++) {
                out.raw(i == 0 ? '{' : ',')
                        .string(model.facts().features().get(i))
                        .raw(":0");
            }
            return text(out.raw('}'));
        }
        zeros(model.inputs().getFirst(), out);
        return text(out);
    }

    private static String rowSchema(ServedModel model) {
        return isNamed(model)
                ? "{\"oneOf\":[{\"type\":\"object\"},{\"type\":\"array\",\"items\":{}}]}"
                : "{\"type\":\"array\",\"items\":{}}";
    }

    /** A tensor of one of these names and types. */
    private static String tensorSchema(List<ValueInfo> values) {
        JsonBytes names = new JsonBytes().raw('[');
        JsonBytes types = new JsonBytes().raw('[');
        String before = "";
        for (int i = 0; i < values.size(); i++) {
            ValueInfo value = values.get(i);
            Datatype datatype = value.datatype().isTensor() ? value.datatype() : Datatype.BYTES;
            names.raw(i == 0 ? "" : ",").string(value.name());
            if (!before.contains(datatype.name() + " ")) {
                types.raw(before.isEmpty() ? "" : ",").string(datatype.name());
                before += datatype.name() + " ";
            }
        }
        return "{\"type\":\"object\",\"required\":[\"name\",\"datatype\",\"shape\"],\"properties\":{"
                + "\"name\":{\"type\":\"string\",\"enum\":" + text(names.raw(']')) + "},"
                + "\"datatype\":{\"type\":\"string\",\"enum\":" + text(types.raw(']')) + "},"
                + "\"shape\":{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":0}},"
                + "\"data\":{\"type\":\"array\",\"items\":{}},"
                + "\"parameters\":{\"type\":\"object\"}}}";
    }
}
