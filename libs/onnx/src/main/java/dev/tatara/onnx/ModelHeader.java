package dev.tatara.onnx;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The few fields at the top of an ONNX file (message ModelProto of onnx.proto) that ONNX Runtime's C API doesn't tell.
 *
 * @param irVersion version of the file format
 * @param producer name and version of what wrote the file, such as {@code skl2onnx 1.20.0}; may be empty
 * @param opsets version of the operator set by domain; the default domain is the empty string
 */
public record ModelHeader(long irVersion, String producer, Map<String, Long> opsets) {
    private static final int IR_VERSION = 1;
    private static final int OPSET_IMPORT = 8;
    private static final int PRODUCER_NAME = 2;
    private static final int PRODUCER_VERSION = 3;
    private static final int GRAPH = 7;
    private static final int OPSET_DOMAIN = 1;
    private static final int OPSET_VERSION = 2;

    /** ModelProto has fields 1 to 25 and 26; anything far above isn't one. */
    private static final int HIGHEST_FIELD = 100;

    private static final int LONGEST_TEXT = 4096;
    private static final int MOST_OPSETS = 1000;

    public ModelHeader {
        opsets = Map.copyOf(opsets);
    }

    /** Version of the default ONNX operator set ({@code ai.onnx}), if the model imports it. */
    public Optional<Long> defaultOpset() {
        return Optional.ofNullable(opsets.get("")).or(() -> Optional.ofNullable(opsets.get("ai.onnx")));
    }

    /** As {@link #read(InputStream)}. */
    public static ModelHeader read(Path file) throws IOException, ModelFormatException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in);
        }
    }

    /**
     * Reads a file to its end, keeping nothing but these fields.
     *
     * @throws ModelFormatException if the bytes aren't an ONNX model, or end in the middle of one
     */
    public static ModelHeader read(InputStream in) throws IOException, ModelFormatException {
        return new Reader(new ProtobufInput(new BufferedInputStream(in, 1 << 16))).model();
    }

    private static final class Reader {
        private final ProtobufInput in;
        private final Map<String, Long> opsets = new TreeMap<>();
        private long irVersion;
        private String producerName = "";
        private String producerVersion = "";
        private boolean graph;

        private Reader(ProtobufInput in) {
            this.in = in;
        }

        private ModelHeader model() throws IOException, ModelFormatException {
            try {
                while (!in.atEnd()) {
                    field();
                }
            } catch (ProtobufInput.EndReached e) {
                throw recognised()
                        ? ModelFormatException.truncated("the file ends after " + in.position()
                                + " bytes, inside a part that goes on: it was cut off")
                        : ModelFormatException.notOnnx("not an ONNX model: " + e.getMessage());
            } catch (ProtobufInput.Malformed e) {
                throw recognised()
                        ? ModelFormatException.corrupt("damaged ONNX model: " + e.getMessage())
                        : ModelFormatException.notOnnx("not an ONNX model: " + e.getMessage());
            }
            if (irVersion <= 0 && opsets.isEmpty() && !graph) {
                throw ModelFormatException.notOnnx(
                        in.position() == 0 ? "not an ONNX model: the file is empty" : "not an ONNX model");
            }
            if (!graph) {
                throw ModelFormatException.truncated(
                        "the model has no graph: it was cut off after " + in.position() + " bytes");
            }
            return new ModelHeader(irVersion, (producerName + " " + producerVersion).strip(), opsets);
        }

        /** Whether enough was read to say that this meant to be an ONNX model. */
        private boolean recognised() {
            return irVersion > 0 && irVersion < 1000;
        }

        private void field() throws IOException {
            long tag = in.varint();
            long number = tag >>> 3;
            int wire = (int) tag & 7;
            if (number < 1 || number > HIGHEST_FIELD) {
                throw new ProtobufInput.Malformed("field number " + number + " at byte " + in.position());
            }
            switch ((int) number) {
                case IR_VERSION ->
                    irVersion = in.expect(wire, ProtobufInput.VARINT).varint();
                case PRODUCER_NAME ->
                    producerName =
                            in.expect(wire, ProtobufInput.LENGTH_DELIMITED).text(LONGEST_TEXT);
                case PRODUCER_VERSION ->
                    producerVersion =
                            in.expect(wire, ProtobufInput.LENGTH_DELIMITED).text(LONGEST_TEXT);
                case GRAPH -> {
                    in.expect(wire, ProtobufInput.LENGTH_DELIMITED).skip(in.varint());
                    graph = true;
                }
                case OPSET_IMPORT ->
                    opset(in.expect(wire, ProtobufInput.LENGTH_DELIMITED).varint());
                default -> in.skipField(wire);
            }
        }

        private void opset(long length) throws IOException {
            long end = in.position() + length;
            if (length < 0 || length > LONGEST_TEXT || opsets.size() >= MOST_OPSETS) {
                throw new ProtobufInput.Malformed("an operator set import of " + length + " bytes");
            }
            String domain = "";
            long version = 0;
            while (in.position() < end) {
                long tag = in.varint();
                int wire = (int) tag & 7;
                if (tag >>> 3 == OPSET_DOMAIN) {
                    domain = in.expect(wire, ProtobufInput.LENGTH_DELIMITED).text(LONGEST_TEXT);
                } else if (tag >>> 3 == OPSET_VERSION) {
                    version = in.expect(wire, ProtobufInput.VARINT).varint();
                } else {
                    in.skipField(wire);
                }
            }
            if (in.position() != end) {
                throw new ProtobufInput.Malformed("an operator set import that overruns its length");
            }
            opsets.put(domain, version);
        }
    }
}
