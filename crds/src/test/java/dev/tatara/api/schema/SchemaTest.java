package dev.tatara.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every schema of the API keeps. */
class SchemaTest {
    /** YAML 1.1 reads these as booleans. */
    private static final Set<String> BOOLEANS_IN_DISGUISE = Set.of("on", "off", "yes", "no", "y", "n");

    private static final Map<Manifests.Kind, CustomResourceDefinition> DEFINITIONS = Manifests.definitions();

    static Stream<Manifests.Kind> kinds() {
        return Manifests.KINDS.stream();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyFieldIsDescribedAndBounded(Manifests.Kind kind) {
        List<String> faults = new ArrayList<>();
        JSONSchemaProps root = schema(kind);
        root.getProperties().forEach((name, field) -> walk(name, field, faults));

        assertThat(faults).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void conditionsAreThoseOfMetav1(Manifests.Kind kind) {
        JSONSchemaProps conditions =
                schema(kind).getProperties().get("status").getProperties().get("conditions");

        assertThat(conditions.getXKubernetesListType()).isEqualTo("map");
        assertThat(conditions.getXKubernetesListMapKeys()).containsExactly("type");
        assertThat(conditions.getItems().getSchema().getRequired())
                .containsExactlyInAnyOrder("type", "status", "reason", "message", "lastTransitionTime");
        assertThat(conditions
                        .getItems()
                        .getSchema()
                        .getProperties()
                        .get("lastTransitionTime")
                        .getFormat())
                .isEqualTo("date-time");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void statusIsASubresourceWithObservedGenerationAndPhase(Manifests.Kind kind) {
        var version = DEFINITIONS.get(kind).getSpec().getVersions().getFirst();

        assertThat(version.getSubresources().getStatus()).isNotNull();
        assertThat(schema(kind).getProperties().get("status").getProperties())
                .containsKeys("observedGeneration", "phase", "conditions");
    }

    @Test
    void inferenceServicesScale() {
        var scale = DEFINITIONS.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals("InferenceService"))
                .map(entry -> entry.getValue()
                        .getSpec()
                        .getVersions()
                        .getFirst()
                        .getSubresources()
                        .getScale())
                .findFirst()
                .orElseThrow();

        assertThat(scale.getSpecReplicasPath()).isEqualTo(".spec.replicas");
        assertThat(scale.getStatusReplicasPath()).isEqualTo(".status.replicas");
        assertThat(scale.getLabelSelectorPath()).isEqualTo(".status.selector");
    }

    private static JSONSchemaProps schema(Manifests.Kind kind) {
        return DEFINITIONS
                .get(kind)
                .getSpec()
                .getVersions()
                .getFirst()
                .getSchema()
                .getOpenAPIV3Schema();
    }

    private static void walk(String path, JSONSchemaProps schema, List<String> faults) {
        if (!path.endsWith("]")
                && (schema.getDescription() == null || schema.getDescription().isBlank())) {
            faults.add(path + " has no description");
        }
        if (BOOLEANS_IN_DISGUISE.contains(path.substring(path.lastIndexOf('.') + 1))) {
            faults.add(path + " is a boolean to YAML 1.1");
        }
        if (Boolean.TRUE.equals(schema.getXKubernetesPreserveUnknownFields())) {
            return;
        }
        if (schema.getDefault() != null) {
            faults.add(path + " has a default: defaults belong to the operator");
        }
        switch (schema.getType()) {
            case "string" -> {
                boolean bounded = schema.getMaxLength() != null
                        || (schema.getEnum() != null && !schema.getEnum().isEmpty())
                        || "date-time".equals(schema.getFormat());
                if (!bounded) {
                    faults.add(path + " has no maxLength");
                }
            }
            case "array" -> {
                if (schema.getMaxItems() == null) {
                    faults.add(path + " has no maxItems");
                }
                if (schema.getXKubernetesListType() == null) {
                    faults.add(path + " has no list type");
                }
                walk(path + "[]", schema.getItems().getSchema(), faults);
            }
            case "object" -> {
                if (schema.getAdditionalProperties() != null) {
                    if (schema.getMaxProperties() == null) {
                        faults.add(path + " has no maxProperties");
                    }
                    walk(path + "[]", schema.getAdditionalProperties().getSchema(), faults);
                }
                if (schema.getProperties() != null) {
                    schema.getProperties().forEach((name, field) -> walk(path + "." + name, field, faults));
                }
            }
            case null -> {
                if (!Boolean.TRUE.equals(schema.getXKubernetesIntOrString())) {
                    faults.add(path + " has no type");
                }
            }
            default -> {}
        }
    }
}
