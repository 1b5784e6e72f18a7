package dev.tatara.steps.evaluate;

import dev.tatara.statistics.metrics.ConfusionMatrix;
import java.util.Set;

/** The class that binary metrics are about where nobody says. */
public final class PositiveClass {
    private PositiveClass() {}

    /** 1, else true, else the last one, by number where all are whole numbers. */
    public static String of(Set<String> classes) {
        return classes.contains("1")
                ? "1"
                : classes.contains("true")
                        ? "true"
                        : classes.stream().max(ConfusionMatrix.order(classes)).orElse("1");
    }
}
