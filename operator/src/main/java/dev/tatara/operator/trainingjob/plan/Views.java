package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.trainingjob.Dataset;
import dev.tatara.operator.kubernetes.ConditionSet;
import dev.tatara.operator.steps.StoreAccess;
import dev.tatara.operator.trainingjob.run.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** The views of features that a run joins. */
final class Views {
    private static final String READY = "Ready";

    private final Observed observed;
    private final List<String> names;

    Views(Observed observed) {
        this.observed = observed;
        this.names = observed.job().getSpec().dataset().featureViews().stream()
                .map(Dataset.ViewReference::name)
                .toList();
    }

    /** Those that are there. */
    List<FeatureView> present() {
        return names.stream()
                .map(observed::view)
                .flatMap(Optional::stream)
                .filter(view -> view.getSpec() != null)
                .toList();
    }

    /** What keeps a run from beginning: views that are missing or have no rows to join. */
    Optional<Refusal> missing(StoreAccess store, StoreAccess common) {
        var absent = new ArrayList<String>();
        var empty = new ArrayList<String>();
        var elsewhere = new ArrayList<String>();
        for (var name : names) {
            var view = observed.view(name);
            if (view.isEmpty()) {
                absent.add(name);
            } else if (!isReady(view.get())) {
                empty.add(name + reasonOf(view.get()));
            } else if (!common.or(view.get().getSpec().artifactStore()).uri().equals(store.uri())) {
                elsewhere.add(name);
            }
        }
        if (absent.isEmpty() && empty.isEmpty() && elsewhere.isEmpty()) {
            return Optional.empty();
        }
        var words = new ArrayList<String>();
        if (!absent.isEmpty()) {
            words.add("there is no FeatureView " + String.join(", ", absent) + " in namespace "
                    + observed.job().getMetadata().getNamespace());
        }
        if (!empty.isEmpty()) {
            words.add("not ready: FeatureView " + String.join(", ", empty));
        }
        if (!elsewhere.isEmpty()) {
            words.add("FeatureView " + String.join(", ", elsewhere) + " keeps its snapshots in another artifact store"
                    + " than this training: set spec.artifactStore of both alike");
        }
        return Optional.of(new Refusal(
                absent.isEmpty() && empty.isEmpty() ? "FeatureViewElsewhere" : "FeatureViewsNotReady",
                "the run begins when its features are there; " + String.join("; ", words)));
    }

    /** Columns of entity keys: they are no features. */
    static List<String> keysOf(List<FeatureView> views) {
        var keys = new TreeSet<String>();
        for (var view : views) {
            for (var entity : view.getSpec().entities()) {
                keys.add(entity.joinKey() == null ? entity.name() : entity.joinKey());
            }
        }
        return List.copyOf(keys);
    }

    private static boolean isReady(FeatureView view) {
        return view.getStatus() != null
                && view.getStatus().snapshot() != null
                && ConditionSet.find(view.getStatus().conditions(), READY)
                        .filter(condition -> condition.holds())
                        .isPresent();
    }

    private static String reasonOf(FeatureView view) {
        return view.getStatus() == null
                ? ""
                : ConditionSet.find(view.getStatus().conditions(), READY)
                        .map(condition -> " (" + condition.reason() + ")")
                        .orElse("");
    }
}
