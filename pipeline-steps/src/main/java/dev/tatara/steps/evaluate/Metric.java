package dev.tatara.steps.evaluate;

import dev.tatara.api.v1alpha1.modelversion.Task;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Metrics of predictions that can be asked for. */
public enum Metric {
    ACCURACY("accuracy", Task.Classification, true),
    PRECISION("precision", Task.Classification, true),
    RECALL("recall", Task.Classification, true),
    F1("f1", Task.Classification, true),
    ROC_AUC("roc_auc", Task.Classification, true),
    LOG_LOSS("log_loss", Task.Classification, false),
    MAE("mae", Task.Regression, false),
    RMSE("rmse", Task.Regression, false),
    R2("r2", Task.Regression, true);

    private final String word;
    private final Task task;
    private final boolean moreIsBetter;

    Metric(String word, Task task, boolean moreIsBetter) {
        this.word = word;
        this.task = task;
        this.moreIsBetter = moreIsBetter;
    }

    public static Optional<Metric> of(String name) {
        if (name.equals("auc") || name.equals("auc_roc")) {
            return Optional.of(ROC_AUC);
        }
        return Arrays.stream(values())
                .filter(metric -> metric.word.equals(name))
                .findFirst();
    }

    /** All names, for messages. */
    public static String words() {
        return Arrays.stream(values()).map(metric -> metric.word).collect(Collectors.joining(", "));
    }

    public String word() {
        return word;
    }

    public Task task() {
        return task;
    }

    public boolean moreIsBetter() {
        return moreIsBetter;
    }
}
