package dev.tatara.onnx;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * The operators of an ONNX file that answer differently each time: those of the ONNX standard and of ONNX Runtime
 * (com.microsoft) that draw random numbers, in the graph, its subgraphs and the model's functions. A seed makes the first
 * answer of a session repeatable, not the second.
 */
public final class RandomOperators {
    private static final Set<String> RANDOM = Set.of(
            "RandomNormal",
            "RandomNormalLike",
            "RandomUniform",
            "RandomUniformLike",
            "Multinomial",
            "Bernoulli",
            "Sampling",
            "BiasDropout",
            "BitmaskDropout",
            "BitmaskBiasDropout");

    private static final int MODEL_GRAPH = 7;
    private static final int MODEL_FUNCTIONS = 25;
    private static final int GRAPH_NODE = 1;
    private static final int FUNCTION_NODE = 7;
    private static final int NODE_INPUT = 1;
    private static final int NODE_OPERATOR = 4;
    private static final int NODE_ATTRIBUTE = 5;
    private static final int ATTRIBUTE_GRAPH = 6;
    private static final int ATTRIBUTE_GRAPHS = 11;

    /** Dropout takes whether it trains as its third input; without that input it passes everything on. */
    private static final String DROPOUT = "Dropout";

    private static final int DROPOUT_TRAINS = 3;
    private static final int DEEPEST = 100;
    private static final int LONGEST_NAME = 4096;

    private final ProtobufInput in;
    private final Set<String> found = new TreeSet<>();

    private RandomOperators(ProtobufInput in) {
        this.in = in;
    }

    /**
     * Reads a file to its end, keeping nothing but names.
     *
     * @return empty if none is random
     * @throws ModelFormatException if the bytes aren't a whole ONNX model
     */
    public static Set<String> in(Path file) throws IOException, ModelFormatException {
        try (InputStream stream = Files.newInputStream(file)) {
            return in(stream);
        }
    }

    /** As {@link #in(Path)}. */
    public static Set<String> in(InputStream stream) throws IOException, ModelFormatException {
        RandomOperators operators = new RandomOperators(new ProtobufInput(new BufferedInputStream(stream, 1 << 16)));
        try {
            operators.model();
        } catch (ProtobufInput.EndReached e) {
            throw ModelFormatException.truncated("the model was cut off: " + e.getMessage());
        } catch (ProtobufInput.Malformed e) {
            throw ModelFormatException.corrupt("damaged ONNX model: " + e.getMessage());
        }
        return Set.copyOf(operators.found);
    }

    private void model() throws IOException {
        while (!in.atEnd()) {
            long tag = in.varint();
            int wire = (int) tag & 7;
            long field = tag >>> 3;
            if (field == MODEL_GRAPH) {
                nodes(wire, GRAPH_NODE, 0);
            } else if (field == MODEL_FUNCTIONS) {
                nodes(wire, FUNCTION_NODE, 0);
            } else {
                in.skipField(wire);
            }
        }
    }

    /** Where a message that begins here ends. */
    private long enter(int wire) throws IOException {
        long length = in.expect(wire, ProtobufInput.LENGTH_DELIMITED).varint();
        if (length < 0) {
            throw new ProtobufInput.Malformed("a negative length at byte " + in.position());
        }
        return in.position() + length;
    }

    private void leave(long end) throws ProtobufInput.Malformed {
        if (in.position() != end) {
            throw new ProtobufInput.Malformed("a part that overruns its length at byte " + in.position());
        }
    }

    /** Reads a graph or a function, which have nodes in different fields. */
    private void nodes(int outerWire, int nodeField, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new ProtobufInput.Malformed("graphs within graphs, more than " + DEEPEST);
        }
        long end = enter(outerWire);
        while (in.position() < end) {
            long tag = in.varint();
            int wire = (int) tag & 7;
            if (tag >>> 3 == nodeField) {
                node(wire, depth);
            } else {
                in.skipField(wire);
            }
        }
        leave(end);
    }

    private void node(int outerWire, int depth) throws IOException {
        long end = enter(outerWire);
        String operator = "";
        int inputs = 0;
        while (in.position() < end) {
            long tag = in.varint();
            int wire = (int) tag & 7;
            switch ((int) (tag >>> 3)) {
                case NODE_OPERATOR ->
                    operator = in.expect(wire, ProtobufInput.LENGTH_DELIMITED).text(LONGEST_NAME);
                case NODE_ATTRIBUTE -> attribute(wire, depth);
                case NODE_INPUT -> {
                    inputs++;
                    in.skipField(wire);
                }
                default -> in.skipField(wire);
            }
        }
        leave(end);
        if (RANDOM.contains(operator) || (operator.equals(DROPOUT) && inputs >= DROPOUT_TRAINS)) {
            found.add(operator);
        }
    }

    private void attribute(int outerWire, int depth) throws IOException {
        long end = enter(outerWire);
        while (in.position() < end) {
            long tag = in.varint();
            int wire = (int) tag & 7;
            switch ((int) (tag >>> 3)) {
                case ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS -> nodes(wire, GRAPH_NODE, depth + 1);
                default -> in.skipField(wire);
            }
        }
        leave(end);
    }
}
