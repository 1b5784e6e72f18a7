package dev.tatara.steps.evaluate;

import dev.tatara.api.v1alpha1.trainingjob.Dataset;
import dev.tatara.api.v1alpha1.trainingjob.Dataset.ViewReference;
import dev.tatara.steps.StepFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which columns of the test data may be features, by what the TrainingJob and the command line say. */
final class Candidates {
    /** Where entities don't say otherwise. */
    private static final String TIMESTAMP = "event_timestamp";

    private final TestRows rows;
    private final Dataset dataset;
    private final String label;
    private final List<String> notFeatures;

    Candidates(TestRows rows, Dataset dataset, String label, List<String> notFeatures) {
        this.rows = rows;
        this.dataset = dataset;
        this.label = label;
        this.notFeatures = notFeatures;
    }

    /**
     * Lists of columns to try in turn.
     *
     * @param named the features as they were named; empty where they weren't
     */
    List<List<TestColumn>> attempts(List<String> named) throws StepFailure {
        if (!named.isEmpty()) {
            return List.of(exactly(named));
        }
        var attempts = new ArrayList<List<TestColumn>>();
        ofViews().ifPresent(attempts::add);
        var timestamp = timestamp();
        attempts.add(rows.columns().stream()
                .filter(column -> !column.name().equals(label) && !column.name().equals(timestamp))
                .filter(column -> !notFeatures.contains(column.name()))
                .toList());
        return attempts;
    }

    private List<TestColumn> exactly(List<String> named) throws StepFailure {
        var columns = new ArrayList<TestColumn>();
        for (var name : named) {
            columns.add(rows.column(name)
                    .orElseThrow(() -> StepFailure.rejected(
                            Reasons.COLUMNS_MISMATCH,
                            "feature %s isn't in the test data, which has %s: name the features as the data does"
                                    .formatted(name, rows.names()))));
        }
        return columns;
    }

    /** The features that views give, where each view says which. */
    private Optional<List<TestColumn>> ofViews() {
        var views = dataset.featureViews();
        if (views.isEmpty() || views.stream().map(ViewReference::features).anyMatch(List::isEmpty)) {
            return Optional.empty();
        }
        var columns = views.stream()
                .flatMap(view -> view.features().stream())
                .map(rows::column)
                .toList();
        return columns.stream().allMatch(Optional::isPresent)
                ? Optional.of(columns.stream().map(Optional::orElseThrow).toList())
                : Optional.empty();
    }

    private String timestamp() {
        if (dataset.entities() == null) {
            return dataset.timestampColumn();
        }
        var given = dataset.entities().timestampColumn();
        return given == null ? TIMESTAMP : given;
    }
}
