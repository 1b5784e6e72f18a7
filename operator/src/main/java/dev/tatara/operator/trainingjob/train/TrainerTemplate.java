package dev.tatara.operator.trainingjob.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.common.PodTemplate;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec.Trainer;
import dev.tatara.operator.kubernetes.PodTemplateMerge;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A user's partial pod template over the operator's own. The trainer is a container like any other to its user: that it
 * runs before the pod's main container is the operator's affair, so it is found under {@code containers} as well.
 */
final class TrainerTemplate {
    private static final Set<String> CONTAINERS = Set.of(TrainerPod.FETCH, TrainerPod.TRAINER, TrainerPod.PUBLISH);
    private static final List<String> RESERVED_IN_POD = List.of("activeDeadlineSeconds", "hostname", "subdomain");

    private final KubernetesSerialization serialization;

    TrainerTemplate(KubernetesSerialization serialization) {
        this.serialization = serialization;
    }

    /** The operator's template with the user's merged over it; the operator's where there is none. */
    PodTemplateSpec merged(PodTemplateSpec own, PodTemplate partial) {
        if (partial == null) {
            return own;
        }
        var tree = PodTemplateMerge.merge(serialization.convertValue(own, ObjectNode.class), inPlace(partial));
        return serialization.convertValue(tree, PodTemplateSpec.class);
    }

    /** The paths of fields that the user's template sets and the operator needs, sorted. */
    List<String> reservedFieldsIn(Trainer trainer) {
        if (trainer.podTemplate() == null) {
            return List.of();
        }
        var tree = inPlace(trainer.podTemplate());
        var found = new TreeSet<>(PodTemplateMerge.reservedFieldsIn(
                tree, CONTAINERS, name -> TrainerEnvironment.isReserved(name, trainer)));
        var pod = tree.path("spec");
        for (var field : RESERVED_IN_POD) {
            if (pod.has(field)) {
                found.add("spec." + field);
            }
        }
        for (var container : pod.path("containers")) {
            var name = container.path("name").asText();
            if (!CONTAINERS.contains(name)) {
                // It would run beside the publishing, when the training is over.
                found.add("spec.containers[" + name + "]");
            }
        }
        for (var container : pod.path("initContainers")) {
            var name = container.path("name").asText();
            if (CONTAINERS.contains(name) && container.has("restartPolicy")) {
                found.add("spec.initContainers[" + name + "].restartPolicy");
            }
        }
        return List.copyOf(found);
    }

    /** The user's template with its containers where the operator has them. */
    private JsonNode inPlace(PodTemplate partial) {
        var tree = serialization.convertValue(partial, JsonNode.class);
        if (!(tree.path("spec") instanceof ObjectNode pod)
                || !(pod.path("containers") instanceof ArrayNode containers)) {
            return tree;
        }
        var main = pod.arrayNode();
        var before = pod.path("initContainers") instanceof ArrayNode given ? given : pod.arrayNode();
        for (var container : containers) {
            var name = container.path("name").asText();
            var isBefore = CONTAINERS.contains(name) && !TrainerPod.PUBLISH.equals(name);
            (isBefore ? before : main).add(container);
        }
        pod.set("containers", main);
        pod.set("initContainers", before);
        return tree;
    }
}
