package dev.tatara.operator.inferenceservice.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/**
 * A revision as it was rendered, kept in a ControllerRevision. Once there it is frozen: its pods are made from it
 * however the operator would render them today.
 *
 * @param id 10 hexadecimal digits
 * @param number counts up; a revision that is rolled out again gets the highest
 */
public record Revision(String id, long number, Frozen frozen) {
    private static final String LEDGER = "tatara.runtime.ledger.enabled=true";

    /**
     * What a ControllerRevision holds.
     *
     * @param model the model that the revision serves
     * @param facts what else was known of it; null in revisions of earlier operators
     * @param template the pod template, the user's own merged in
     * @param configuration content of {@code application.properties} in the pod
     * @param features content of {@code features.json} in the pod; null where no features are looked up
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Frozen(
            ServedModel model, ModelFacts facts, PodTemplateSpec template, String configuration, String features) {}

    /** Whether the revision's pods divide traffic by a table; those that earlier operators rendered don't. */
    public boolean dividesTraffic() {
        return PodRenderer.divides(frozen.template().getSpec());
    }

    /** Whether the revision's pods write down each prediction with its request. */
    public boolean keepsLedger() {
        return frozen.configuration().lines().anyMatch(LEDGER::equals);
    }

    /** The name that the revision's objects share. */
    public static String objectName(InferenceService service, String id) {
        return service.getMetadata().getName() + "-" + id;
    }

    public static Revision read(ControllerRevision object, KubernetesSerialization serialization) {
        return new Revision(
                object.getMetadata().getLabels().get(Labels.REVISION),
                object.getRevision(),
                serialization.convertValue(object.getData(), Frozen.class));
    }

    public ControllerRevision toObject(InferenceService service, KubernetesSerialization serialization) {
        return new ControllerRevisionBuilder()
                .withMetadata(ServingObjects.metadata(service, objectName(service, id), id))
                .withRevision(number)
                .withData(serialization.convertValue(frozen, JsonNode.class))
                .build();
    }

    public Revision withNumber(long number) {
        return new Revision(id, number, frozen);
    }
}
