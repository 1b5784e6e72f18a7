package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Finds the views that a service looks features up in among the FeatureViews of its namespace. */
public final class FeatureChooser {
    /** What a ConfigMap holds beside other things, and etcd takes. */
    private static final int MOST_CHARACTERS = 512 * 1024;

    private FeatureChooser() {}

    /**
     * A choice of a model, with the views that go with it.
     *
     * @param asked null where nothing is looked up
     * @param views at least those that {@code asked} names; others are passed over
     * @return as it came where there is no model, or nothing is looked up
     */
    public static ModelChoice complete(
            ModelChoice choice, InferenceServiceSpec.Features asked, Collection<FeatureView> views) {
        if (asked == null || !(choice instanceof ModelChoice.Chosen chosen)) {
            return choice;
        }
        var found = new ArrayList<LookedUpView>();
        for (var name : asked.featureViews().stream()
                .map(LocalReference::name)
                .distinct()
                .toList()) {
            var view = views.stream()
                    .filter(candidate -> candidate.getMetadata().getName().equals(name))
                    .findFirst();
            if (view.isEmpty()) {
                return new ModelChoice.Waiting(
                        "FeatureViewNotFound",
                        "FeatureView " + name + " doesn't exist in this namespace; apply it, and the service goes on");
            }
            var trouble = trouble(view.get());
            if (trouble.isPresent()) {
                return trouble.get();
            }
            found.add(LookedUpView.of(view.get()));
        }
        return found.toString().length() > MOST_CHARACTERS
                ? new ModelChoice.Waiting(
                        "FeatureViewsTooLarge",
                        "the definitions of the feature views together are larger than pods can be given (512 KiB);"
                                + " name fewer views, or divide them")
                : new ModelChoice.Chosen(chosen.model(), chosen.facts(), List.copyOf(found));
    }

    private static Optional<ModelChoice> trouble(FeatureView view) {
        var name = view.getMetadata().getName();
        var online = view.getSpec().online();
        if (online == null || !Boolean.TRUE.equals(online.enabled()) || online.redis() == null) {
            return Optional.of(new ModelChoice.Waiting(
                    "FeatureViewNotOnline",
                    "FeatureView " + name + " isn't in an online store; set spec.online.enabled and spec.online.redis"
                            + " there, and the service goes on"));
        }
        var unknown = view.getSpec().features().stream().anyMatch(feature -> feature.type() == null)
                || view.getSpec().entities().stream().anyMatch(entity -> entity.type() == null);
        return unknown
                ? Optional.of(new ModelChoice.Waiting(
                        "FeatureViewNotUnderstood",
                        "FeatureView " + name + " has types that this version of the operator doesn't know;"
                                + " upgrade the operator"))
                : Optional.empty();
    }
}
