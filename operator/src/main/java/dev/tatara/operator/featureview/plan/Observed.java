package dev.tatara.operator.featureview.plan;

import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Collection;
import java.util.List;

/**
 * Everything that a decision about one view rests on. None of the objects is changed.
 *
 * @param view the view
 * @param jobs the view's Jobs
 * @param pods at least the pods of these Jobs
 * @param definitions the view's ConfigMaps
 */
public record Observed(FeatureView view, List<Job> jobs, Collection<Pod> pods, List<ConfigMap> definitions) {
    public Observed {
        jobs = List.copyOf(jobs);
        definitions = List.copyOf(definitions);
    }

    FeatureViewStatus status() {
        return view.getStatus() == null ? FeatureViewStatus.EMPTY : view.getStatus();
    }
}
