package dev.tatara.runtime.v2;

import dev.tatara.onnx.ValueInfo;
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
        if (index < 0) {
            throw unknownInput(request.model(), name);
        }
        return begin(request, index);
    }

    /** For a name that no input has. */
    public static RequestException unknownInput(ServedModel model, String name) {
        return RequestException.bad("unknown input \"" + name + "\": the model takes " + describe(model.inputs()));
    }

    /** The input at this position, which mustn't have been given before. */
    public static InputTensor begin(InferenceRequest request, int index) throws RequestException {
        InputTensor tensor = request.input(index);
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
     * Sets the shape of an input whose elements were read.
     *
     * @param where what the elements were read from, as the client calls it
     */
    public static void setShape(InputTensor tensor, long[] shape, int rank, String where) throws RequestException {
        ValueInfo info = tensor.info();
        Shapes.require(info, shape, rank);
        long wanted = Shapes.elements(shape, rank);
        if (wanted != tensor.count()) {
            throw RequestException.bad("input \"" + info.name() + "\": shape " + Shapes.text(shape, rank) + " needs "
                    + (wanted < 0 ? "more elements than memory holds" : wanted + " elements") + ", \"" + where
                    + "\" has " + tensor.count());
        }
        tensor.setShape(shape, rank);
    }

    /** Refuses a request that lacks an input. */
    public static void requireEveryInput(InferenceRequest request) throws RequestException {
        for (int i = 0; i < request.inputCount(); i++) {
            if (!request.input(i).isGiven()) {
                throw RequestException.bad(
                        "input \"" + request.input(i).info().name() + "\" is missing: the model takes "
                                + describe(request.model().inputs()));
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
