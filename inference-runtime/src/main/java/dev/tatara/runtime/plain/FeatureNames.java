package dev.tatara.runtime.plain;

import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.inference.EntityKeys;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.model.ServedModel;
import java.util.stream.Collectors;

/** What a model's features are called, and what is told to who calls them otherwise. */
final class FeatureNames {
    private final ServedModel model;
    private final FeatureColumns columns;

    /**
     * The names of a model's inputs, or of the columns of its only one.
     *
     * @param columns null where they have no names
     */
    FeatureNames(ServedModel model, FeatureColumns columns) {
        this.model = model;
        this.columns = columns;
    }

    /**
     * Nothing of the model is called so.
     *
     * @param keys of entities, which may be sent too; null where nothing is looked up
     */
    RequestException unknown(String where, String name, EntityKeys keys) {
        return RequestException.bad(where + "unknown feature \"" + name + "\": the model takes " + all()
                + (model.inputs().size() == 1 && columns == null
                        ? ", whose values have no names: send \"features\" as a list"
                        : "")
                + (keys == null ? "" : "; entity keys are " + keys.layout().names()));
    }

    RequestException wrongCount(String where, String got) {
        return RequestException.bad(
                where + "expected " + model.inputs().size() + " features (" + all() + "), got " + got);
    }

    RequestException missing(String where, int index) {
        return RequestException.bad(where + "feature \"" + of(index) + "\" is missing");
    }

    RequestException givenTwice(String where, int index) {
        return RequestException.bad(where + "feature \"" + of(index) + "\" is given twice");
    }

    String of(int index) {
        return model.inputs().get(index).name();
    }

    private String all() {
        return columns != null
                ? columns.names()
                : model.inputs().stream().map(ValueInfo::name).collect(Collectors.joining("\", \"", "\"", "\""));
    }
}
