package dev.tatara.runtime.observation;

import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.util.List;
import org.jboss.logging.Logger;

/** How all inputs and outputs of a model become columns; null entries are what can't. */
final class TensorPlans {
    private static final Logger LOG = Logger.getLogger(TensorPlans.class);

    private final TensorPlan[] inputs;
    private final TensorPlan[] outputs;

    TensorPlans(ServedModel model, RuntimeSettings.Monitoring settings) {
        inputs = new TensorPlan[model.inputs().size()];
        outputs = new TensorPlan[model.outputs().size()];
        for (int i = 0; i < inputs.length; i++) {
            ValueInfo info = model.inputs().get(i);
            List<String> registered = inputs.length == 1 ? model.facts().features() : List.of();
            List<String> names = settings.features().getOrDefault(info.name(), registered);
            inputs[i] = TensorPlan.ofInput(info, settings.maxColumns(), names);
            check(inputs[i], names);
        }
        for (int i = 0; i < outputs.length; i++) {
            boolean label = i == model.roles().label();
            List<String> classes =
                    i == model.roles().probabilities() || i == model.roles().value()
                            ? model.facts().classes()
                            : List.of();
            outputs[i] = TensorPlan.ofOutput(model.outputs().get(i), label, settings.maxColumns(), classes);
        }
    }

    private static void check(TensorPlan plan, List<String> names) {
        if (plan == null || plan.columns() == null) {
            return;
        }
        if (plan.columns().together()) {
            LOG.infof("the columns of \"%s\" are too many or not declared: they share one sketch", plan.name());
        }
        if (!names.isEmpty() && names.size() != plan.columns().width()) {
            LOG.warnf(
                    "%2$d names are given for the columns of \"%1$s\", the model has %3$d: not used",
                    plan.name(), names.size(), plan.columns().width());
        }
    }

    /** By position in the model's inputs. */
    TensorPlan[] inputs() {
        return inputs.clone();
    }

    /** By position in the model's outputs. */
    TensorPlan[] outputs() {
        return outputs.clone();
    }
}
