package dev.tatara.runtime.grpc;

import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.inference.EntityLayout;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.Shapes;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.v2.RawTensor;
import dev.tatara.runtime.v2.RequestRules;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a {@code ModelInferRequest} in one pass, elements straight into native memory. Belongs to one model; reused, by
 * one thread at a time.
 */
final class InferReader {
    private static final int MODEL_NAME = ProtoReader.tag(1, ProtoReader.DELIMITED);
    private static final int MODEL_VERSION = ProtoReader.tag(2, ProtoReader.DELIMITED);
    private static final int ID = ProtoReader.tag(3, ProtoReader.DELIMITED);
    private static final int PARAMETERS = ProtoReader.tag(4, ProtoReader.DELIMITED);
    private static final int INPUTS = ProtoReader.tag(5, ProtoReader.DELIMITED);
    private static final int OUTPUTS = ProtoReader.tag(6, ProtoReader.DELIMITED);
    private static final int RAW_INPUTS = ProtoReader.tag(7, ProtoReader.DELIMITED);

    private static final int NAME = ProtoReader.tag(1, ProtoReader.DELIMITED);
    private static final int DATATYPE = ProtoReader.tag(2, ProtoReader.DELIMITED);
    private static final int SHAPE = ProtoReader.tag(3, ProtoReader.VARINT);
    private static final int PACKED_SHAPE = ProtoReader.tag(3, ProtoReader.DELIMITED);
    private static final int INPUT_PARAMETERS = ProtoReader.tag(4, ProtoReader.DELIMITED);
    private static final int CONTENTS = ProtoReader.tag(5, ProtoReader.DELIMITED);
    private static final int OUTPUT_PARAMETERS = ProtoReader.tag(2, ProtoReader.DELIMITED);

    private static final String RAW = "raw_input_contents";

    private final ServedModel model;
    private final EntityLayout entities;
    private final long mostBytes;
    private final byte[] modelName;
    private final byte[][] inputNames;
    private final byte[][] datatypes;
    private final ProtoReader in = new ProtoReader();
    private final Parameters parameters = new Parameters(in);
    private final long[] shape = new long[InputTensor.MAX_RANK];
    private final int[] waiting;
    private final int[] rawAt;
    private final int[] rawLength;
    private int inputs;
    private int waitingInputs;
    private int rawInputs;
    private int[] classes = Asked.NO_CLASSES;

    /**
     * @param entities null where features aren't looked up
     * @param mostBytes bytes of an input's elements in memory: small numbers are shorter in a message
     */
    InferReader(ServedModel model, EntityLayout entities, long mostBytes) {
        this.model = model;
        this.entities = entities;
        this.mostBytes = mostBytes;
        modelName = model.name().getBytes(StandardCharsets.UTF_8);
        List<ValueInfo> infos = new ArrayList<>(model.inputs());
        if (entities != null) {
            infos.addAll(entities.keys());
        }
        int count = infos.size();
        inputNames = new byte[count][];
        datatypes = new byte[count][];
        for (int i = 0; i < count; i++) {
            inputNames[i] = infos.get(i).name().getBytes(StandardCharsets.UTF_8);
            datatypes[i] = infos.get(i).datatype().name().getBytes(StandardCharsets.US_ASCII);
        }
        waiting = new int[count];
        rawAt = new int[count];
        rawLength = new int[count];
    }

    /**
     * What a request asks for besides what an {@link InferenceRequest} holds.
     *
     * @param classes by output: how many of the largest values with their classes are wanted, 0 for the tensor itself;
     *     shorter than there are outputs where the later ones are wanted as they are
     */
    @SuppressWarnings("ArrayRecordComponent") // read by the writer only, and never compared
    record Asked(boolean raw, long timeoutMicros, int[] classes) {
        private static final int[] NO_CLASSES = {};
        private static final Asked TYPED = new Asked(false, 0, NO_CLASSES);
        private static final Asked RAW_CONTENTS = new Asked(true, 0, NO_CLASSES);

        static Asked of(boolean raw, long timeoutMicros, int[] classes) {
            if (timeoutMicros != 0 || classes.length > 0) {
                return new Asked(raw, timeoutMicros, classes);
            }
            return raw ? RAW_CONTENTS : TYPED;
        }

        int classes(int output) {
            return output < classes.length ? classes[output] : 0;
        }
    }

    /** Fills a request that was reset. */
    Asked read(byte[] bytes, int offset, int length, InferenceRequest request) throws RequestException {
        in.open(bytes, offset, length);
        inputs = 0;
        waitingInputs = 0;
        rawInputs = 0;
        classes = Asked.NO_CLASSES;
        parameters.reset();
        try {
            readRequest(request);
            readRaw(request);
        } finally {
            in.close();
        }
        RequestRules.requireEveryInput(request);
        // Who sends no input at all gets what Triton's clients understand: they read raw contents only.
        return Asked.of(rawInputs > 0 || inputs == 0, parameters.timeoutMicros(), classes);
    }

    private void readRequest(InferenceRequest request) throws RequestException {
        boolean named = false;
        List<Integer> outputs = null;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == MODEL_NAME) {
                named = true;
                if (!in.skipIfEqual(modelName)) {
                    RequestRules.requireServed(model, in.string(), null);
                }
            } else if (tag == INPUTS) {
                int outer = in.enter();
                readInput(request);
                in.leave(outer);
            } else if (tag == RAW_INPUTS) {
                int size = in.length();
                if (rawInputs < rawAt.length) {
                    rawAt[rawInputs] = in.position();
                    rawLength[rawInputs] = size;
                }
                rawInputs++;
                in.advance(size);
            } else if (tag == ID) {
                String id = in.string();
                request.setId(id.isEmpty() ? null : id);
            } else if (tag == MODEL_VERSION) {
                RequestRules.requireServed(model, model.name(), in.string());
            } else if (tag == OUTPUTS) {
                outputs = outputs == null ? new ArrayList<>() : outputs;
                int outer = in.enter();
                outputs.add(readOutput(outputs));
                in.leave(outer);
            } else if (tag == PARAMETERS) {
                parameters.ofRequest();
            } else {
                in.skip(tag);
            }
        }
        if (!named) {
            throw RequestException.bad("\"model_name\" is missing: this server serves \"" + model.name() + "\"");
        }
        if (outputs != null) {
            request.setOutputs(outputs.stream().mapToInt(Integer::intValue).toArray());
        }
    }

    private int readOutput(List<Integer> before) throws RequestException {
        String name = null;
        int largest = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == NAME) {
                name = in.string();
            } else if (tag == OUTPUT_PARAMETERS) {
                largest = parameters.ofOutput(largest);
            } else {
                in.skip(tag);
            }
        }
        if (largest > 0) {
            classes = Arrays.copyOf(classes, before.size() + 1);
            classes[before.size()] = largest;
        }
        if (name == null) {
            throw RequestException.bad("an element of \"outputs\" has no \"name\"");
        }
        return RequestRules.output(model, name, before);
    }

    private void readInput(InferenceRequest request) throws RequestException {
        int index = -1;
        int rank = 0;
        int contents = -1;
        int datatypeAt = -1;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == NAME) {
                index = readInputName();
            } else if (tag == DATATYPE) {
                datatypeAt = in.position();
                in.skip(tag);
            } else if (tag == PACKED_SHAPE) {
                int outer = in.enter();
                while (in.hasMore()) {
                    rank = addDimension(rank);
                }
                in.leave(outer);
            } else if (tag == SHAPE) {
                rank = addDimension(rank);
            } else if (tag == CONTENTS) {
                contents = contents < 0 ? in.position() : contents;
                in.skip(tag);
            } else if (tag == INPUT_PARAMETERS) {
                parameters.ofInput();
            } else {
                in.skip(tag);
            }
        }
        if (index < 0) {
            throw RequestException.bad("an input has no \"name\"");
        }
        InputTensor tensor = RequestRules.begin(tensor(request, index));
        inputs++;
        requireDatatype(tensor, index, datatypeAt);
        RequestRules.requireShape(tensor, shape, rank);
        if (contents >= 0) {
            long wanted = Shapes.elements(shape, rank);
            requireRoom(tensor, rank, wanted, in.end() - contents);
            readContents(contents, tensor, wanted < 0 ? Long.MAX_VALUE : wanted);
        }
        if (tensor.count() > 0) {
            RequestRules.setShape(tensor, shape, rank, "contents");
        } else {
            // Its elements are raw ones, which come later in the message.
            tensor.setShape(shape, rank);
            waiting[waitingInputs++] = index;
        }
    }

    /** Clients mostly send inputs in the model's order. */
    private int readInputName() throws RequestException {
        if (inputs < inputNames.length && in.skipIfEqual(inputNames[inputs])) {
            return inputs;
        }
        String name = in.string();
        int index = model.input(name);
        if (index >= 0) {
            return index;
        }
        int key = entities == null ? -1 : entities.key(name);
        if (key < 0) {
            throw RequestRules.unknownInput(model, entities, name);
        }
        return model.inputs().size() + key;
    }

    /** An input of the model, or behind them a key of entities. */
    private static InputTensor tensor(InferenceRequest request, int index) {
        return index < request.inputCount()
                ? request.input(index)
                : request.entityKeys().key(index - request.inputCount());
    }

    private void requireDatatype(InputTensor tensor, int index, int datatypeAt) throws RequestException {
        if (datatypeAt < 0) {
            RequestRules.requireDatatype(tensor, null);
        }
        int after = in.position();
        in.seek(datatypeAt);
        if (!in.skipIfEqual(datatypes[index])) {
            RequestRules.requireDatatype(tensor, in.string());
        }
        in.seek(after);
    }

    private int addDimension(int rank) throws RequestException {
        long dimension = in.varint();
        if (dimension < 0) {
            throw RequestException.bad("a dimension in \"shape\" must be a whole number, 0 or more, got " + dimension);
        }
        if (rank == InputTensor.MAX_RANK) {
            throw RequestException.bad("a \"shape\" has more than " + InputTensor.MAX_RANK + " dimensions");
        }
        shape[rank] = dimension;
        return rank + 1;
    }

    /** Small whole numbers take one byte in a message and up to eight in memory. */
    private void requireRoom(InputTensor tensor, int rank, long wanted, int encodedBytes) throws RequestException {
        long most = wanted < 0 ? encodedBytes : Math.min(wanted, encodedBytes);
        if (most * tensor.info().datatype().byteSize() > mostBytes) {
            throw new RequestException(
                    413,
                    "input \"" + tensor.info().name() + "\": shape " + Shapes.text(shape, rank) + " takes more than "
                            + mostBytes + " bytes (tatara.runtime.limits.max-body-bytes)");
        }
    }

    /** What is there twice is read as one, as protocol buffers have it. */
    private void readContents(int first, InputTensor tensor, long most) throws RequestException {
        in.seek(first);
        int outer = in.enter();
        ContentsReader.read(in, tensor, most);
        in.leave(outer);
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == CONTENTS) {
                int end = in.enter();
                ContentsReader.read(in, tensor, most);
                in.leave(end);
            } else {
                in.skip(tag);
            }
        }
    }

    private void readRaw(InferenceRequest request) throws RequestException {
        if (rawInputs == 0) {
            for (int i = 0; i < waitingInputs; i++) {
                InputTensor tensor = tensor(request, waiting[i]);
                RequestRules.setShape(tensor, shape, shapeOf(tensor), "contents");
            }
            return;
        }
        if (rawInputs != waitingInputs) {
            throw RequestException.bad("\"" + RAW + "\" has " + rawInputs + " entries for " + waitingInputs
                    + " inputs without \"contents\"");
        }
        for (int i = 0; i < rawInputs; i++) {
            InputTensor tensor = tensor(request, waiting[i]);
            RawTensor.read(tensor, shape, shapeOf(tensor), in.bytes(), rawAt[i], rawLength[i], RAW);
        }
    }

    private int shapeOf(InputTensor tensor) {
        for (int i = 0; i < tensor.rank(); i++) {
            shape[i] = tensor.dimension(i);
        }
        return tensor.rank();
    }
}
