package dev.tatara.steps.drift;

import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Feature;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.contracts.DriftEvaluated.Quality;
import dev.tatara.contracts.DriftEvaluated.Verdict;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.statistics.Sketch;
import dev.tatara.statistics.drift.Comparison;
import dev.tatara.statistics.drift.DriftShare;
import dev.tatara.statistics.drift.DriftTests;
import dev.tatara.statistics.drift.Rule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares what pods saw with the reference. */
final class DataJudge {
    private static final int NAMED = 3;
    private static final int MOST_VIOLATIONS = 10;

    private final DriftPlan plan;
    private final Pane live;
    private final ReferenceData reference;

    /** Of live data there must be some. */
    DataJudge(DriftPlan plan, Pane live, ReferenceData reference) {
        this.plan = plan;
        this.live = live;
        this.reference = reference;
    }

    /**
     * Columns that were compared.
     *
     * @param verdict on all of them together; {@code null} where nothing was asked for
     * @param share how many drifted; {@code null} where nothing was compared
     * @param columns all that were compared, the worst first
     */
    record Compared(Verdict verdict, DriftShare share, List<Column> columns) {
        /** Nothing was asked for. */
        static final Compared NONE = new Compared(null, null, List.of());

        Compared {
            columns = List.copyOf(columns);
        }

        static Compared none(Breach breach, Judgement judgement, String reason) {
            return new Compared(new Verdict(breach, judgement, reason), null, List.of());
        }

        List<Feature> features() {
            return columns.stream()
                    .limit(DriftEvaluated.MOST_FEATURES)
                    .map(Column::feature)
                    .toList();
        }
    }

    /**
     * A column beside its reference.
     *
     * @param name its name
     * @param found what the test found
     * @param reference {@code null} where the reference hasn't it
     * @param current {@code null} where live data haven't it
     */
    record Column(String name, Comparison found, Sketch reference, Sketch current) {
        Feature feature() {
            return new Feature(
                    name,
                    found.method() == null ? null : found.method().name(),
                    found.statistic(),
                    found.threshold(),
                    found.pValue(),
                    found.drifted(),
                    found.warned(),
                    found.text().isEmpty() ? null : found.text());
        }

        String words() {
            return Words.comparison(name, found, reference, current);
        }
    }

    private Optional<Compared> notComparable(Breach breach) {
        return reference.pane().isPresent()
                ? Optional.empty()
                : Optional.of(Compared.none(
                        breach, reference.broken() ? Judgement.Error : Judgement.InsufficientData, reference.words()));
    }

    /** Features, all that live data or the reference have. */
    Compared features() {
        return notComparable(Breach.DataDrift).orElseGet(() -> {
            var data = plan.data();
            var columns = compare(names(Role.Feature), Role.Feature, data::ruleOf);
            var comparisons = new LinkedHashMap<String, Comparison>();
            columns.forEach((name, column) -> comparisons.put(name, column.found));
            var share = DriftShare.of(comparisons, data.correction(), data.share(), data.warn());
            var sorted = share.columns().stream()
                    .map(column -> new Column(
                            column.name(),
                            column.comparison(),
                            columns.get(column.name()).reference,
                            columns.get(column.name()).current))
                    .toList();
            var judgement = judgement(share.verdict());
            return new Compared(
                    new Verdict(Breach.DataDrift, judgement, reason(judgement, share, sorted)), share, sorted);
        });
    }

    private String reason(Judgement judgement, DriftShare share, List<Column> columns) {
        if (judgement == Judgement.InsufficientData) {
            return tooFew().orElse("none of the %d features can be judged%s"
                    .formatted(
                            columns.size(),
                            first(columns, column -> !column.found.text().isEmpty())));
        }
        var bound = judgement == Judgement.Warning
                ? "a warning is at " + Words.number(plan.data().warn())
                : "bound " + Words.number(plan.data().share());
        return "%d of %d features drifted (share %s, %s)%s"
                        .formatted(
                                share.drifted(),
                                share.judged(),
                                Words.number(share.share()),
                                bound,
                                first(columns, column -> column.found.drifted()))
                + unknown();
    }

    private static String first(List<Column> columns, java.util.function.Predicate<Column> wanted) {
        var text =
                columns.stream().filter(wanted).limit(NAMED).map(Column::words).collect(Collectors.joining("; "));
        return text.isEmpty() ? "" : ": " + text;
    }

    /** Thresholds for features that nobody has are a mistake of who wrote them. */
    private String unknown() {
        var known = names(Role.Feature);
        var unknown = plan.data().rules().keySet().stream()
                .filter(name -> !known.contains(name))
                .sorted()
                .toList();
        return unknown.isEmpty() ? "" : "; there is no feature " + String.join(", ", unknown);
    }

    private Optional<String> tooFew() {
        return live.rowsSampled() >= plan.minSamples()
                ? Optional.empty()
                : Optional.of("%d samples in the window, expected %d or more"
                        .formatted(live.rowsSampled(), plan.minSamples()));
    }

    /** The label, or where the model gives none, the answer that differs most. */
    Compared prediction() {
        return notComparable(Breach.PredictionDrift).orElseGet(() -> {
            var columns = compare(answers(), Role.Prediction, any -> plan.prediction()).values().stream()
                    .sorted(Comparator.comparing((Column column) -> column.found.judged())
                            .thenComparingDouble(column -> column.found.severity())
                            .reversed())
                    .toList();
            if (columns.isEmpty()) {
                return Compared.none(
                        Breach.PredictionDrift, Judgement.InsufficientData, "pods saw no answers that have columns");
            }
            var worst = columns.getFirst();
            var judgement = !worst.found.judged()
                    ? Judgement.InsufficientData
                    : worst.found.drifted()
                            ? Judgement.Breached
                            : worst.found.warned() ? Judgement.Warning : Judgement.Good;
            var reason = judgement == Judgement.InsufficientData ? tooFew().orElse(worst.words()) : worst.words();
            return new Compared(new Verdict(Breach.PredictionDrift, judgement, reason), null, columns);
        });
    }

    private Set<String> answers() {
        var all = names(Role.Prediction);
        var labels = all.stream()
                .filter(name -> sketch(live, Role.Prediction, name) instanceof CategorySketch
                        || sketch(reference.pane().orElseThrow(), Role.Prediction, name) instanceof CategorySketch)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return labels.isEmpty() ? all : labels;
    }

    private Map<String, Column> compare(Set<String> names, Role role, java.util.function.Function<String, Rule> rules) {
        var columns = new LinkedHashMap<String, Column>();
        for (var name : names) {
            var before = sketch(reference.pane().orElseThrow(), role, name);
            var now = sketch(live, role, name);
            // Pods that have answered next to nothing haven't seen the column yet: it hasn't vanished.
            var seen = now == null && tooFew().isPresent() ? nothingLike(before) : now;
            columns.put(name, new Column(name, DriftTests.compare(before, seen, rules.apply(name)), before, now));
        }
        return columns;
    }

    private static Sketch nothingLike(Sketch sketch) {
        return switch (sketch) {
            case NumberSketch numbers -> new NumberSketch();
            case CategorySketch categories -> new CategorySketch();
        };
    }

    private Set<String> names(Role role) {
        var names = new LinkedHashSet<String>();
        live.columns().stream().filter(column -> column.role() == role).forEach(column -> names.add(column.name()));
        reference.pane().ifPresent(pane -> pane.columns().stream()
                .filter(column -> column.role() == role)
                .forEach(column -> names.add(column.name())));
        return names;
    }

    private static Sketch sketch(Pane pane, Role role, String name) {
        return pane.column(role, name).map(Pane.Column::sketch).orElse(null);
    }

    /**
     * Rules of quality that are broken.
     *
     * @param verdict on all of them
     * @param quality the same in figures
     */
    record QualityFound(Verdict verdict, Quality quality) {}

    /** Missing values, and means that are far from the reference's. */
    QualityFound quality() {
        if (tooFew().isPresent()) {
            return new QualityFound(new Verdict(Breach.DataQuality, Judgement.InsufficientData, tooFew().get()), null);
        }
        var broken = new ArrayList<String>();
        for (var column : live.columns()) {
            if (column.role() == Role.Feature) {
                var before = reference
                        .pane()
                        .map(pane -> sketch(pane, Role.Feature, column.name()))
                        .orElse(null);
                plan.data()
                        .quality()
                        .violations(before, column.sketch())
                        .forEach(violation -> broken.add(column.name() + ": " + violation.text()));
            }
        }
        var first = broken.stream().limit(MOST_VIOLATIONS).toList();
        var missing = plan.data().quality().meanWithinSigmas() != null
                        && reference.pane().isEmpty()
                ? "; means aren't looked at: " + reference.words()
                : "";
        var verdict = broken.isEmpty()
                ? new Verdict(Breach.DataQuality, Judgement.Good, "no feature breaks a rule" + missing)
                : new Verdict(
                        Breach.DataQuality,
                        Judgement.Breached,
                        "%d rules are broken: %s%s".formatted(broken.size(), String.join("; ", first), missing));
        return new QualityFound(verdict, new Quality(broken.size(), first));
    }

    private static Judgement judgement(dev.tatara.statistics.drift.Verdict verdict) {
        return switch (verdict) {
            case Good -> Judgement.Good;
            case Warning -> Judgement.Warning;
            case Breached -> Judgement.Breached;
            case InsufficientData -> Judgement.InsufficientData;
        };
    }
}
