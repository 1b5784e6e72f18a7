package dev.tatara.steps.join;

import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec;
import dev.tatara.api.v1alpha1.trainingjob.Dataset;
import dev.tatara.api.v1alpha1.trainingjob.Dataset.Split.By;
import dev.tatara.api.v1alpha1.trainingjob.Dataset.ViewReference;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.definitions.TrainingParts;
import dev.tatara.steps.join.FeatureTable.JoinKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What is to be joined and how it is divided, from the command line and the definitions that it names.
 *
 * @param entities address of the entity rows; {@code null} where feedback gives them
 * @param feedback whose predictions and labels are the entity rows; {@code null} where a file has them
 * @param time column with their times; {@code null} where they have none
 * @param label column with the label; {@code null} where none is known
 * @param window only entity rows of so long; {@code null}: however old
 * @param views the views to join
 * @param split how rows are divided; {@code null}: not at all
 */
record JoinPlan(
        String entities,
        FeedbackRows feedback,
        String time,
        String label,
        Duration window,
        List<ViewDefinition> views,
        Split split) {
    private static final String TIME = "event_timestamp";

    JoinPlan {
        views = List.copyOf(views);
    }

    /**
     * Reads the definitions.
     *
     * @throws StepFailure where they don't go together
     */
    static JoinPlan of(JoinRequest request) throws StepFailure {
        return of(request, true);
    }

    /**
     * The same.
     *
     * @param complete whether every view that the TrainingJob joins must be given; otherwise there may be none
     */
    static JoinPlan of(JoinRequest request, boolean complete) throws StepFailure {
        if (request.job() == null) {
            var views = views(request, List.of(), false);
            if (request.entities() == null) {
                throw invalid("nothing says where the entities are: give --entities, or --job");
            }
            var time = request.timestampColumn() == null && !views.isEmpty() ? TIME : request.timestampColumn();
            return new JoinPlan(request.entities(), null, time, null, request.window(), views, null);
        }
        var job = Definition.read(request.job(), "TrainingJob", TrainingParts.class);
        var dataset = job.spec().dataset();
        if (dataset == null || (dataset.uri() == null) == (dataset.entities() == null)) {
            throw invalid("TrainingJob " + job.name() + ": dataset needs either entities or uri");
        }
        var references =
                dataset.featureViews() == null || (!complete && request.views().isEmpty())
                        ? List.<ViewReference>of()
                        : dataset.featureViews();
        var views = views(request, references, true);
        var ready = Optional.ofNullable(dataset.uri());
        var label =
                ready.isPresent() ? dataset.labelColumn() : dataset.entities().labelColumn();
        var time = time(request, dataset);
        var window = request.window() != null || dataset.window() == null
                ? request.window()
                : dataset.window().toDuration();
        var entities = entities(request, dataset);
        return new JoinPlan(
                entities,
                entities == null
                        ? new FeedbackRows(job.namespace(), dataset.entities().feedback())
                        : null,
                time,
                label,
                window,
                views,
                split(dataset, views, time, label, job.name()));
    }

    /** The rows that features are joined to. */
    EntityRows rows(Instant end) {
        return new EntityRows(
                entities,
                feedback,
                time,
                label,
                window,
                end,
                views.stream().map(ViewDefinition::table).toList());
    }

    private static List<JoinKey> keys(List<ViewDefinition> views) {
        return views.stream()
                .flatMap(view -> view.table().keys().stream())
                .distinct()
                .toList();
    }

    /** Null where the rows come from feedback. */
    private static String entities(JoinRequest request, Dataset dataset) throws StepFailure {
        if (request.entities() != null) {
            return request.entities();
        }
        var entities = dataset.entities();
        if (entities != null && (entities.uri() == null) == (entities.feedback() == null)) {
            throw invalid("dataset.entities needs either uri or feedback");
        }
        return dataset.uri() != null ? dataset.uri() : entities.uri();
    }

    private static String time(JoinRequest request, Dataset dataset) {
        if (request.timestampColumn() != null) {
            return request.timestampColumn();
        }
        if (dataset.uri() != null) {
            return dataset.timestampColumn();
        }
        var named = dataset.entities().timestampColumn();
        return named != null ? named : TIME;
    }

    private static Split split(Dataset dataset, List<ViewDefinition> views, String time, String label, String job)
            throws StepFailure {
        var by = dataset.split() == null ? By.Random : dataset.split().by();
        if (by == By.Time && time == null) {
            throw invalid("TrainingJob " + job + ": a split by Time needs dataset.timestampColumn");
        }
        if (by == By.Stratified && label == null) {
            throw invalid("TrainingJob " + job + ": a Stratified split needs labelColumn");
        }
        try {
            return Split.of(
                    dataset.split(),
                    keys(views).stream().map(JoinKey::column).distinct().toList(),
                    label);
        } catch (IllegalArgumentException e) {
            throw invalid("TrainingJob " + job + ": dataset.split: " + e.getMessage());
        }
    }

    private static List<ViewDefinition> views(JoinRequest request, List<ViewReference> references, boolean ofJob)
            throws StepFailure {
        var views = new ArrayList<ViewDefinition>();
        var names = new HashSet<String>();
        for (var wanted : request.views()) {
            var view = ViewDefinition.read(wanted.file());
            if (!names.add(view.name())) {
                throw invalid("view " + view.name() + " is given twice; one --view takes several features: FILE=f1,f2");
            }
            views.add(ViewDefinition.of(view, features(view, wanted.features(), references, ofJob)));
        }
        for (var reference : references) {
            if (!names.contains(reference.name())) {
                throw invalid("the TrainingJob joins view " + reference.name() + ": give its definition by --view");
            }
        }
        return views;
    }

    private static List<String> features(
            Definition<FeatureViewSpec> view, List<String> wanted, List<ViewReference> references, boolean ofJob)
            throws StepFailure {
        if (!ofJob) {
            return wanted;
        }
        var reference = references.stream()
                .filter(candidate -> view.name().equals(candidate.name()))
                .findFirst()
                .orElseThrow(() -> invalid("view " + view.name() + " is none of those that the TrainingJob joins"));
        return !wanted.isEmpty() || reference.features() == null ? wanted : reference.features();
    }

    private static StepFailure invalid(String message) {
        return StepFailure.rejected(Reasons.INVALID_DEFINITION, message);
    }
}
