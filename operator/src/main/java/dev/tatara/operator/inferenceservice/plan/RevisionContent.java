package dev.tatara.operator.inferenceservice.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tatara.api.v1alpha1.common.ArtifactStoreSpec;
import dev.tatara.api.v1alpha1.common.PodTemplate;
import dev.tatara.api.v1alpha1.common.Resources;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import dev.tatara.operator.kubernetes.Digests;
import java.util.List;

/**
 * What makes a revision: the model, and everything a user wrote that changes the pod. How the operator renders it and
 * which image it renders by default are no part of it, so that an upgrade of the operator rolls nothing out.
 *
 * @param image the serving image, only where the user names one
 * @param views the views that features are looked up in, as they are defined now
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RevisionContent(
        ServedModel model,
        String image,
        Resources resources,
        InferenceServiceSpec.Batching batching,
        InferenceServiceSpec.Features features,
        InferenceServiceSpec.Logging logging,
        InferenceServiceSpec.Monitoring monitoring,
        InferenceServiceSpec.Protocols protocols,
        InferenceServiceSpec.Limits limits,
        ArtifactStoreSpec artifactStore,
        PodTemplate podTemplate,
        List<LookedUpView> views) {
    private static final int ID_LENGTH = 10;

    public static RevisionContent of(InferenceServiceSpec spec, ModelChoice.Chosen chosen) {
        return new RevisionContent(
                chosen.model(),
                spec.runtime() == null ? null : spec.runtime().image(),
                spec.resources(),
                spec.batching(),
                spec.features(),
                spec.logging(),
                spec.monitoring(),
                spec.protocols(),
                spec.limits(),
                spec.artifactStore(),
                spec.podTemplate(),
                chosen.views());
    }

    /** The revision's id: {@value #ID_LENGTH} hexadecimal digits of the content's digest. */
    public String id() {
        return Digests.of(this, ID_LENGTH);
    }
}
