package dev.tatara.runtime.v2;

import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.inference.EntityKeys;
import dev.tatara.runtime.inference.EntityLayout;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.inference.Shapes;
import dev.tatara.runtime.model.ServedModel;
import java.util.List;
import java.util.stream.Collectors;

/** What an inference request must keep to, by whichever door it came: REST and gRPC refuse with the same words. */
public final class RequestRules {
    private static final int MOST_OUTPUTS = 1000;

    private RequestRules() {}

    /**
     * Refuses another model or version than the one that is served.
     *
     * @param version null or empty where the client names none
     */
    public static void requireServed(ServedModel model, String name, String version) throws RequestException {
        if (!name.equals(model.name())) {
            throw new RequestException(
                    404, "unknown model \"" + name + "\": this server serves \"" + model.name() + "\"");
        }
        if (version != null && !version.isEmpty() && !version.equals(model.version())) {
            throw new RequestException(
                    404,
                    "model \"" + model.name() + "\" has no version \"" + version
                            + "\" here: this server serves version \"" + model.version() + "\"");
        }
    }

    /** The input of this name, which mustn't have been given before. */
    public static InputTensor begin(InferenceRequest request, String name) throws RequestException {
        int index = request.model().input(name);
        if (index >= 0) {
            return begin(request.input(index));
        }
        EntityKeys keys = request.entityKeys();
        int key = keys == null ? -1 : keys.layout().key(name);
        if (key < 0) {
            throw unknownInput(request.model(), keys == null ? null : keys.layout(), name);
        }
        return begin(keys.key(key));
    }

    /**
     * For a name that no input has.
     *
     * @param entities null where features aren't looked up
     */
    public static RequestException unknownInput(ServedModel model, EntityLayout entities, String name) {
        return RequestException.bad("unknown input \"" + name + "\": the model takes " + describe(model.inputs())
                + (entities == null ? "" : "; entity keys are " + describe(entities.keys())));
    }

    /** An input or a key of entities, which mustn't have been given before. */
    public static InputTensor begin(InputTensor tensor) throws RequestException {
        if (tensor.isGiven()) {
            throw RequestException.bad("input \"" + tensor.info().name() + "\" is given twice");
        }
        tensor.setGiven();
        return tensor;
    }

    /**
     * Refuses another datatype than the model's.
     *
     * @param datatype null or empty where the client names none
     */
    public static void requireDatatype(InputTensor tensor, String datatype) throws RequestException {
        if (datatype == null || datatype.isEmpty()) {
            throw RequestException.bad("input \"" + tensor.info().name() + "\" has no \"datatype\": expected \""
                    + tensor.info().datatype() + "\"");
        }
        if (!datatype.equals(tensor.info().datatype().name())) {
            throw RequestException.bad("input \"" + tensor.info().name() + "\": expected datatype "
                    + tensor.info().datatype() + ", got " + datatype);
        }
    }

    /**
     * Refuses a shape that isn't the declared one. Keys of entities may come as a column.
     */
    public static void requireShape(InputTensor tensor, long[] shape, int rank) throws RequestException {
        if (tensor.isPerRow() && rank == 2 && shape[1] == 1) {
            return;
        }
        Shapes.require(tensor.info(), shape, rank);
    }

    /**
     * Sets the shape of an input whose elements were read.
     *
     * @param where what the elements were read from, as the client calls it
     */
    public static void setShape(InputTensor tensor, long[] shape, int rank, String where) throws RequestException {
        ValueInfo info = tensor.info();
        requireShape(tensor, shape, rank);
        long wanted = Shapes.elements(shape, rank);
        if (wanted != tensor.count()) {
            throw RequestException.bad("input \"" + info.name() + "\": shape " + Shapes.text(shape, rank) + " needs "
                    + (wanted < 0 ? "more elements than memory holds" : wanted + " elements") + ", \"" + where
                    + "\" has " + tensor.count());
        }
        tensor.setShape(shape, rank);
    }

    /** Refuses a request that lacks an input, unless it has the keys of entities that the input is looked up by. */
    public static void requireEveryInput(InferenceRequest request) throws RequestException {
        EntityKeys keys = request.entityKeys();
        int rows = keys == null ? -1 : keys.rows();
        for (int i = 0; i < request.inputCount(); i++) {
            InputTensor input = request.input(i);
            if (input.isGiven()) {
                continue;
            }
            if (rows < 0 || !keys.layout().covers(i)) {
                throw missing(request, i);
            }
            keys.leaveInput(input, i, rows);
        }
        if (rows >= 0) {
            requireRows(request, rows);
        }
    }

    private static RequestException missing(InferenceRequest request, int index) {
        EntityKeys keys = request.entityKeys();
        String instead = keys == null
                ? ""
                : keys.layout().covers(index)
                        ? "; or send the entity keys " + describe(keys.layout().keys())
                        : "; not all of it can be looked up by entity keys";
        return RequestException.bad("input \"" + request.input(index).info().name() + "\" is missing: the model takes "
                + describe(request.model().inputs()) + instead);
    }

    private static void requireRows(InferenceRequest request, int rows) throws RequestException {
        for (int i = 0; i < request.inputCount(); i++) {
            InputTensor input = request.input(i);
            if (request.entityKeys().layout().columns(i) > 0 && input.dimension(0) != rows) {
                throw RequestException.bad("input \"" + input.info().name() + "\" has " + input.dimension(0)
                        + " rows, the entity keys have " + rows);
            }
        }
    }

    /**
     * The position of an output that is asked for.
     *
     * @param before positions of those that were asked for before
     */
    public static int output(ServedModel model, String name, List<Integer> before) throws RequestException {
        int position = model.output(name);
        if (position < 0) {
            throw RequestException.bad("unknown output \"" + name + "\": the model gives " + describe(model.outputs()));
        }
        if (before.contains(position) || before.size() == MOST_OUTPUTS) {
            throw RequestException.bad("output \"" + name + "\" is asked for twice");
        }
        return position;
    }

    private static String describe(List<ValueInfo> values) {
        return values.stream()
                .map(value -> "\"" + value.name() + "\" (" + value.datatype() + " " + value.shape() + ")")
                .collect(Collectors.joining(", "));
    }
}
