package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.steps.StoreAccess;
import dev.tatara.operator.trainingjob.run.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The service whose predictions and labels are the rows of a run. */
final class Feedback {
    private static final String NOT_READY = "FeedbackNotReady";

    private final Observed observed;
    private final String name;

    Feedback(Observed observed) {
        var entities = observed.job().getSpec().dataset().entities();
        this.observed = observed;
        this.name = entities == null ? null : entities.feedback();
    }

    /**
     * What keeps a run from beginning: a service that is missing, or whose predictions can't be learnt from.
     *
     * @param views the views that are joined to its predictions
     * @param store where the run reads
     * @param common where services write that name no store
     */
    Optional<Refusal> missing(List<FeatureView> views, StoreAccess store, StoreAccess common) {
        if (name == null) {
            return Optional.empty();
        }
        var service = observed.service(name).filter(found -> found.getSpec() != null);
        var words = new ArrayList<String>();
        if (service.isEmpty()) {
            words.add("there is no InferenceService " + name + " in namespace "
                    + observed.job().getMetadata().getNamespace());
        } else {
            withoutLedger(service.get()).ifPresent(words::add);
            withoutKeys(service.get(), Views.keysOf(views)).ifPresent(words::add);
            if (!common.or(service.get().getSpec().artifactStore()).uri().equals(store.uri())) {
                words.add("InferenceService " + name + " writes to another artifact store than this training reads: set"
                        + " spec.artifactStore of both alike");
            }
        }
        return words.isEmpty()
                ? Optional.empty()
                : Optional.of(new Refusal(
                        NOT_READY,
                        "the run begins when its rows can be had from feedback; " + String.join("; ", words)));
    }

    private Optional<String> withoutLedger(InferenceService service) {
        var monitoring = service.getSpec().monitoring();
        return monitoring != null && Boolean.TRUE.equals(monitoring.ledger())
                ? Optional.empty()
                : Optional.of(
                        "InferenceService " + name + " keeps no ledger of its predictions: set spec.monitoring.ledger");
    }

    private Optional<String> withoutKeys(InferenceService service, List<String> keys) {
        if (service.getSpec().features() == null) {
            return Optional.of("InferenceService " + name
                    + " looks no features up, so that its predictions have no keys to join features by: set"
                    + " spec.features, or name a file of labels with spec.dataset.entities.uri");
        }
        var logging = service.getSpec().logging();
        if (logging == null) {
            return Optional.empty();
        }
        var hidden = keys.stream()
                .filter(key -> logging.exclude().contains(key) || logging.hash().contains(key))
                .toList();
        return hidden.isEmpty()
                ? Optional.empty()
                : Optional.of("InferenceService " + name + " leaves out or hashes " + String.join(", ", hidden)
                        + ", by which features are joined: take it out of spec.logging.exclude and spec.logging.hash");
    }
}
