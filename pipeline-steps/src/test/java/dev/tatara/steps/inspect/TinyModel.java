package dev.tatara.steps.inspect;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes small ONNX models byte by byte (messages of onnx.proto), also such as no exporter would write. */
public final class TinyModel {
    private static final int FLOAT = 1;
    private static final int INT64 = 7;

    private TinyModel() {}

    /** {@code y = x}, a row of four numbers. */
    public static byte[] identity() {
        return identity(17);
    }

    static byte[] identity(int opset) {
        return model(
                opset,
                List.of(node("Identity", List.of("x"), "y")),
                List.of(),
                List.of(value("x", FLOAT, -1, 4)),
                List.of(value("y", FLOAT, -1, 4)));
    }

    /** As many inputs as outputs, each with a long name. */
    static byte[] wide(int tensors) {
        var nodes = new ArrayList<byte[]>();
        var inputs = new ArrayList<byte[]>();
        var outputs = new ArrayList<byte[]>();
        for (int i = 0; i < tensors; i++) {
            nodes.add(node("Identity", List.of("customer_feature_number_" + i), "transformed_feature_number_" + i));
            inputs.add(value("customer_feature_number_" + i, FLOAT, -1, 1));
            outputs.add(value("transformed_feature_number_" + i, FLOAT, -1, 1));
        }
        return model(17, nodes, List.of(), inputs, outputs);
    }

    /** Loads, but needs six numbers in its one row, which the dynamic shape doesn't say. */
    static byte[] failsOnZeros() {
        var shape = new Message()
                .varint(1, 2)
                .varint(2, INT64)
                .varint(7, 2)
                .varint(7, 3)
                .text(8, "shape")
                .bytes();
        return model(
                17,
                List.of(node("Reshape", List.of("x", "shape"), "y")),
                List.of(shape),
                List.of(value("x", FLOAT, -1, -1)),
                List.of(value("y", FLOAT, 2, 3)));
    }

    /** Keeps one thread busy for a good part of a second per run. */
    static byte[] slow() {
        var shape = new Message()
                .varint(1, 2)
                .varint(2, INT64)
                .varint(7, 1500)
                .varint(7, 1500)
                .text(8, "shape")
                .bytes();
        return model(
                17,
                List.of(
                        node("Expand", List.of("x", "shape"), "a"),
                        node("MatMul", List.of("a", "a"), "b"),
                        node("MatMul", List.of("b", "a"), "c"),
                        node("MatMul", List.of("c", "a"), "y")),
                List.of(shape),
                List.of(value("x", FLOAT, 1, 1)),
                List.of(value("y", FLOAT, 1500, 1500)));
    }

    private static byte[] model(
            int opset, List<byte[]> nodes, List<byte[]> initializers, List<byte[]> inputs, List<byte[]> outputs) {
        var graph = new Message();
        nodes.forEach(node -> graph.message(1, node));
        graph.text(2, "tiny");
        initializers.forEach(initializer -> graph.message(5, initializer));
        inputs.forEach(input -> graph.message(11, input));
        outputs.forEach(output -> graph.message(12, output));
        return new Message()
                .varint(1, 8)
                .text(2, "tatara-tests")
                .message(7, graph.bytes())
                .message(8, new Message().text(1, "").varint(2, opset).bytes())
                .bytes();
    }

    private static byte[] node(String operator, List<String> inputs, String output) {
        var node = new Message();
        inputs.forEach(input -> node.text(1, input));
        return node.text(2, output).text(4, operator).bytes();
    }

    private static byte[] value(String name, int type, int... dimensions) {
        var shape = new Message();
        for (int i = 0; i < dimensions.length; i++) {
            var dimension = new Message();
            shape.message(
                    1,
                    dimensions[i] < 0
                            ? dimension.text(2, "d" + i).bytes()
                            : dimension.varint(1, dimensions[i]).bytes());
        }
        var tensor = new Message().varint(1, type).message(2, shape.bytes());
        return new Message()
                .text(1, name)
                .message(2, new Message().message(1, tensor.bytes()).bytes())
                .bytes();
    }

    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message varint(int field, long value) {
            raw((long) field << 3);
            raw(value);
            return this;
        }

        Message text(int field, String text) {
            return message(field, text.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, byte[] bytes) {
            raw(((long) field << 3) | 2);
            raw(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private void raw(long value) {
            var left = value;
            while ((left & ~0x7FL) != 0) {
                out.write((int) ((left & 0x7F) | 0x80));
                left >>>= 7;
            }
            out.write((int) left);
        }
    }
}
