package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.modelversion.Lineage;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a model is trained on, by address and digest. */
final class Datasets {
    private Datasets() {}

    /** The divided rows, then the snapshots that features came from. */
    static List<Lineage.Dataset> of(JoinedDataset joined, TrainingRun run) {
        var datasets = new ArrayList<Lineage.Dataset>();
        for (var part : joined.parts()) {
            datasets.add(new Lineage.Dataset(ClaimUri.unmounted(part.uri()), part.sha256()));
        }
        var root = run.store().uri().endsWith("/")
                ? run.store().uri()
                : run.store().uri() + "/";
        for (var view : joined.views()) {
            datasets.add(new Lineage.Dataset(
                    root
                            + String.format(
                                    Locale.ROOT,
                                    "features/%s/%s/snapshots/%08d.json",
                                    view.namespace() == null ? run.namespace() : view.namespace(),
                                    view.name(),
                                    view.snapshot()),
                    view.sha256()));
        }
        return datasets;
    }
}
