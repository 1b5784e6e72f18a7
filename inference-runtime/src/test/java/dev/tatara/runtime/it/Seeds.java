package dev.tatara.runtime.it;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Good requests of every protocol for three models, from which bad ones are made. */
final class Seeds {
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
    private static final Map<String, String> GRPC = Map.of("content-type", "application/grpc", "te", "trailers");

    private Seeds() {}

    /** For a model with one input of numbers, FP32 [n, 4]. */
    static List<Attempt> iris() {
        String row = "5.1,3.5,1.4,0.2";
        String input = "{\"name\":\"%s\",\"shape\":[1,4],\"datatype\":\"FP32\",".formatted("X");
        List<Attempt> seeds = new ArrayList<>();
        seeds.add(json("/v2/models/iris/infer", "{\"inputs\":[" + input + "\"data\":[" + row + "]}]}"));
        seeds.add(json(
                "/v2/models/iris/infer",
                "{\"id\":\"42\",\"parameters\":{\"timeout\":1000000,\"priority\":1},\"inputs\":[" + input
                        + "\"parameters\":{\"x\":true},\"data\":[[" + row
                        + "]]}],\"outputs\":[{\"name\":\"label\",\"parameters\":{\"binary_data\":true}}]}"));
        seeds.add(json("/predict", "[" + row + "]"));
        seeds.add(json("/predict", "{\"features\":[" + row + "],\"request_id\":\"a\"}"));
        seeds.add(json("/predict/batch", "[[" + row + "],[" + row + "]]"));
        seeds.add(json("/predict/batch", "{\"features\":[{\"features\":[" + row + "]}]}"));
        seeds.add(json("/v1/models/iris:predict", "{\"instances\":[[" + row + "],[" + row + "]]}"));
        seeds.add(json("/v1/models/iris:predict", "{\"inputs\":[[" + row + "]]}"));
        seeds.add(json("/feedback", "{\"request_id\":\"a\",\"label\":1}"));
        seeds.add(json("/feedback", "[{\"requestId\":\"a\",\"figures\":{\"revenue\":1.5}}]"));
        seeds.add(json("/v2/repository/index", "{\"ready\":true}"));
        byte[] numbers = floats(5.1f, 3.5f, 1.4f, 0.2f);
        seeds.add(binary("iris", "{\"inputs\":[" + input + "\"parameters\":{\"binary_data_size\":16}}]}", numbers));
        seeds.add(grpc(infer("iris", "X", "FP32", new long[] {1, 4}, numbers)));
        return seeds;
    }

    /** For a model with one input of strings of any shape. */
    static List<Attempt> strings(String model, String name) {
        byte[] texts = {2, 0, 0, 0, 'a', 'b', 0, 0, 0, 0};
        return List.of(
                json(
                        "/v2/models/" + model + "/infer",
                        "{\"inputs\":[{\"name\":\"" + name
                                + "\",\"shape\":[1,2],\"datatype\":\"BYTES\",\"data\":[\"a\\u00e9\",\"\"]}]}"),
                binary(
                        model,
                        "{\"inputs\":[{\"name\":\"" + name
                                + "\",\"shape\":[1,2],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":10}}],"
                                + "\"parameters\":{\"binary_data_output\":true}}",
                        texts),
                grpc(infer(model, name, "BYTES", new long[] {1, 2}, texts)),
                json("/predict", "{\"features\":[\"a\",\"b\"]}"),
                json("/v1/models/" + model + ":predict", "{\"instances\":[[\"a\",\"b\"]]}"));
    }

    private static Attempt json(String path, String body) {
        return new Attempt(false, path, JSON, body.getBytes(StandardCharsets.UTF_8));
    }

    private static Attempt binary(String model, String json, byte[] tensor) {
        byte[] head = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer body =
                ByteBuffer.allocate(head.length + tensor.length).put(head).put(tensor);
        return new Attempt(
                false,
                "/v2/models/" + model + "/infer",
                Map.of(
                        "Content-Type",
                        "application/octet-stream",
                        "Inference-Header-Content-Length",
                        String.valueOf(head.length)),
                body.array());
    }

    static Attempt grpc(byte[] message) {
        return new Attempt(true, "/inference.GRPCInferenceService/ModelInfer", GRPC, frame(message));
    }

    /** A message as gRPC sends it: not compressed, its length, itself. */
    static byte[] frame(byte[] message) {
        return ByteBuffer.allocate(5 + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message)
                .array();
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    /** A ModelInferRequest with one raw input, spelt out in protocol buffers' wire format. */
    static byte[] infer(String model, String name, String datatype, long[] shape, byte[] raw) {
        ByteArrayOutputStream dimensions = new ByteArrayOutputStream();
        for (long dimension : shape) {
            varint(dimensions, dimension);
        }
        ByteArrayOutputStream tensor = new ByteArrayOutputStream();
        field(tensor, 1, name.getBytes(StandardCharsets.UTF_8));
        field(tensor, 2, datatype.getBytes(StandardCharsets.UTF_8));
        field(tensor, 3, dimensions.toByteArray());
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        field(request, 1, model.getBytes(StandardCharsets.UTF_8));
        field(request, 3, "42".getBytes(StandardCharsets.UTF_8));
        field(request, 5, tensor.toByteArray());
        field(request, 7, raw);
        return request.toByteArray();
    }

    private static void field(ByteArrayOutputStream out, int number, byte[] content) {
        out.write((number << 3) | 2);
        varint(out, content.length);
        out.writeBytes(content);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
