package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.modelversion.ModelVersionSpec;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionSpec.Gate;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Judges a version's metrics. A metric is looked up in {@code spec.metrics}, then in what verification measured. A
 * bound is the last good value.
 */
public final class Gates {
    /** Names under which people know the area under the ROC curve. */
    private static final Set<String> ROC_AUC = Set.of("roc_auc", "auc", "auc_roc");

    private Gates() {}

    /**
     * Judges all gates of a version.
     *
     * @param measurements what verification measured
     * @param verified whether verification is over; until then a measurement may still come
     */
    public static Judgement judge(ModelVersionSpec spec, Map<String, Double> measurements, boolean verified) {
        if (spec.gates().isEmpty()) {
            return Judgement.passed("NoGates", "no gates are set");
        }
        var failures = new ArrayList<String>();
        var missing = new ArrayList<String>();
        var unjudged = new ArrayList<String>();
        for (var gate : spec.gates()) {
            var value = valueOf(gate.metric(), spec.metrics(), measurements);
            if (gate.min() == null && gate.max() == null) {
                unjudged.add(gate.metric());
            } else if (value == null) {
                missing.add(gate.metric());
            } else {
                failureOf(gate, value).forEach(failures::add);
            }
        }
        if (!failures.isEmpty()) {
            return Judgement.failed(
                    "GatesFailed",
                    String.join("; ", failures) + ". Train a better model as a new version, or change the gate");
        }
        if (!unjudged.isEmpty()) {
            return Judgement.failed(
                    "GateNotSupported",
                    "this operator can judge min and max only, and the gates on " + String.join(", ", unjudged)
                            + " have neither; upgrade the operator or change the gates");
        }
        if (!missing.isEmpty() && !verified) {
            return Judgement.unknown(
                    "AwaitingMeasurements",
                    "no value of " + String.join(", ", missing) + " in spec.metrics; verification may measure it");
        }
        if (!missing.isEmpty()) {
            return Judgement.failed(
                    "MetricMissing",
                    "no value of " + String.join(", ", missing) + "; known are " + known(spec.metrics(), measurements)
                            + ". Add it to spec.metrics, or change the gate");
        }
        return Judgement.passed("GatesPassed", passedMessage(spec.gates().size()));
    }

    private static Stream<String> failureOf(Gate gate, double value) {
        if (gate.min() != null && value < gate.min()) {
            return Stream.of("%s %s is below min %s by %s"
                    .formatted(gate.metric(), text(value), text(gate.min()), difference(gate.min(), value)));
        }
        if (gate.max() != null && value > gate.max()) {
            return Stream.of("%s %s is above max %s by %s"
                    .formatted(gate.metric(), text(value), text(gate.max()), difference(value, gate.max())));
        }
        return Stream.empty();
    }

    private static Double valueOf(String metric, Map<String, Double> metrics, Map<String, Double> measurements) {
        var names = ROC_AUC.contains(metric)
                ? Stream.concat(Stream.of(metric), ROC_AUC.stream().sorted())
                : Stream.of(metric);
        return names.map(name -> metrics.containsKey(name) ? metrics.get(name) : measurements.get(name))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static String known(Map<String, Double> metrics, Map<String, Double> measurements) {
        var names = new TreeSet<>(metrics.keySet());
        names.addAll(measurements.keySet());
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    private static String passedMessage(int gates) {
        return gates == 1 ? "the gate is passed" : "all " + gates + " gates are passed";
    }

    /** The exact difference of the decimal numbers that people wrote, not of their binary neighbours. */
    private static String difference(double larger, double smaller) {
        return text(BigDecimal.valueOf(larger).subtract(BigDecimal.valueOf(smaller)));
    }

    private static String text(double value) {
        return text(BigDecimal.valueOf(value));
    }

    private static String text(BigDecimal value) {
        return value.stripTrailingZeros().toPlainString();
    }
}
