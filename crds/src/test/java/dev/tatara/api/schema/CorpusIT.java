package dev.tatara.api.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real API server says to the corpus, with the committed manifests installed. */
class CorpusIT {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    @AutoClose
    private static final KubeApi api = KubeApi.start();

    @BeforeAll
    static void start() {
        api.installCrds(Manifests.FOLDER);
    }

    static Stream<Corpus.Case> valid() {
        return Corpus.valid();
    }

    static Stream<Corpus.Case> invalid() {
        return Corpus.invalid();
    }

    @ParameterizedTest
    @MethodSource
    void valid(Corpus.Case sample) {
        GenericKubernetesResource object = sample.objects().getFirst();
        GenericKubernetesResource first = apply(object);
        GenericKubernetesResource second = apply(object);

        assertThat(second.getMetadata().getResourceVersion())
                .as("applying an object again must change nothing")
                .isEqualTo(first.getMetadata().getResourceVersion());
        assertThat(JSON.convertValue(first.get("spec"), JsonNode.class))
                .as("the server must store what was written, without defaults of its own")
                .isEqualTo(JSON.convertValue(object.get("spec"), JsonNode.class));
    }

    @ParameterizedTest
    @MethodSource
    void invalid(Corpus.Case sample) {
        assertThat(sample.expected())
                .as("%s must begin with # expect: and a part of the message", sample.name())
                .isNotEmpty();
        boolean update = sample.objects().size() > 1;
        if (update) {
            apply(sample.objects().getFirst());
        }

        // Created, not applied: of a wrong type server-side apply says less, and calls it an error of its own.
        assertThatThrownBy(() -> {
                    if (update) {
                        apply(sample.objects().getLast());
                    } else {
                        create(sample.objects().getLast());
                    }
                })
                .isInstanceOf(KubernetesClientException.class)
                .satisfies(refusal ->
                        sample.expected().forEach(part -> assertThat(refusal).hasMessageContaining(part)));
    }

    @Test
    void kindsAreFoundByShortNameAndCategory() {
        assertThat(api.client()
                        .apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .list()
                        .getItems())
                .hasSameSizeAs(Manifests.KINDS)
                .allSatisfy(definition -> {
                    assertThat(definition.getStatus().getAcceptedNames().getCategories())
                            .containsExactly("tatara", "ml");
                    assertThat(definition.getStatus().getConditions())
                            .as(definition.getMetadata().getName())
                            .noneMatch(condition -> condition.getType().equals("NonStructuralSchema"))
                            .anyMatch(condition -> condition.getType().equals("Established")
                                    && condition.getStatus().equals("True"));
                })
                .extracting(definition -> definition
                        .getStatus()
                        .getAcceptedNames()
                        .getShortNames()
                        .getFirst())
                .containsExactlyInAnyOrder("mv", "infsvc", "tj", "fv", "drift");
    }

    private static void create(GenericKubernetesResource object) {
        api.client()
                .genericKubernetesResources(object.getApiVersion(), object.getKind())
                .inNamespace("default")
                .resource(object)
                .fieldValidation(Validation.STRICT)
                .create();
    }

    private static GenericKubernetesResource apply(GenericKubernetesResource object) {
        return api.client()
                .genericKubernetesResources(object.getApiVersion(), object.getKind())
                .inNamespace("default")
                .resource(object)
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager("gitops")
                                .withForce(false)
                                .withFieldValidation(Validation.STRICT.parameterValue())
                                .build(),
                        object);
    }
}
