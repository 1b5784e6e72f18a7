package dev.tatara.steps.join;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.join.FeatureTable.Feature;
import dev.tatara.steps.tables.Column;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the columns of a joined table are called. A feature keeps its name where no column of the entities and no
 * feature of another view has it too; otherwise it is called {@code <view>__<feature>}, as Feast's full feature names.
 * Names that differ in case only count as the same.
 */
final class ColumnNames {
    private ColumnNames() {}

    /**
     * The names of the features, view by view.
     *
     * @throws StepFailure where two columns would have the same name
     */
    static List<List<String>> of(List<Column> entities, List<FeatureTable> views) throws StepFailure {
        var uses = new HashMap<String, Integer>();
        entities.forEach(column -> uses.merge(same(column.name()), 1, Integer::sum));
        for (var view : views) {
            view.features().forEach(feature -> uses.merge(same(feature.column()), 1, Integer::sum));
        }
        var owners = new HashMap<String, String>();
        entities.forEach(column -> owners.put(same(column.name()), "a column of the entities"));
        var names = new ArrayList<List<String>>();
        for (var view : views) {
            var ofView = new ArrayList<String>();
            for (var feature : view.features()) {
                var name =
                        uses.get(same(feature.column())) > 1 ? view.name() + "__" + feature.column() : feature.column();
                claim(name, view, feature, owners);
                ofView.add(name);
            }
            names.add(List.copyOf(ofView));
        }
        return List.copyOf(names);
    }

    private static void claim(String name, FeatureTable view, Feature feature, Map<String, String> owners)
            throws StepFailure {
        var owner = "feature " + feature.column() + " of view " + view.name();
        var other = owners.put(same(name), owner);
        if (other != null) {
            throw StepFailure.rejected(
                    Reasons.COLUMNS_AMBIGUOUS,
                    "%s and %s would both be called %s: rename one, or choose the features of the view"
                            .formatted(other, owner, name));
        }
    }

    private static String same(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
