package dev.tatara.api.schema;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionSpec;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The CustomResourceDefinitions, as generated from the Java types and their Javadoc. */
final class Manifests {
    /** Where the manifests are kept, from the module's folder. */
    static final Path FOLDER = Path.of("manifests");

    static final List<Kind> KINDS = List.of(
            new Kind(ModelVersion.class, ModelVersionSpec.class, ModelVersionStatus.class),
            new Kind(InferenceService.class, InferenceServiceSpec.class, InferenceServiceStatus.class),
            new Kind(TrainingJob.class, TrainingJobSpec.class, TrainingJobStatus.class),
            new Kind(FeatureView.class, FeatureViewSpec.class, FeatureViewStatus.class),
            new Kind(DriftPolicy.class, DriftPolicySpec.class, DriftPolicyStatus.class));

    private static final String HEADER = """
            # Generated from the Java types in crds/src/main/java by hack/generate-crds: change those.
            """;

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER, YAMLGenerator.Feature.SPLIT_LINES)
            .enable(
                    YAMLGenerator.Feature.MINIMIZE_QUOTES,
                    YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS,
                    YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_EMPTY, JsonInclude.Include.NON_EMPTY))
            .build();

    private Manifests() {}

    /** One kind of the API. */
    record Kind(
            Class<? extends CustomResource<?, ?>> resource,
            Class<? extends Record> spec,
            Class<? extends Record> status) {

        String name() {
            return resource.getSimpleName();
        }

        String file() {
            return CustomResource.getCRDName(resource) + ".yaml";
        }
    }

    /** The text of every manifest, by the name of its file. */
    static SortedMap<String, String> generate() {
        SortedMap<String, String> texts = new TreeMap<>();
        definitions().forEach((kind, definition) -> texts.put(kind.file(), HEADER + yaml(definition)));
        return texts;
    }

    /** The definition of every kind. */
    static Map<Kind, CustomResourceDefinition> definitions() {
        Descriptions descriptions = Descriptions.of(Path.of("src/main/java"));
        SchemaFinisher finisher = new SchemaFinisher(descriptions);
        Map<Kind, CustomResourceDefinition> definitions = new TreeMap<>(Comparator.comparing(Kind::name));
        for (Kind kind : KINDS) {
            CustomResourceDefinition definition = generated(kind);
            CustomResourceDefinitionVersion version =
                    definition.getSpec().getVersions().getFirst();
            version.setAdditionalPrinterColumns(columns(kind.resource()));
            JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
            root.setDescription(descriptions.of(kind.resource()).orElseThrow());
            root.setRequired(List.of("spec"));
            // Names of revisions, pods and Jobs are built from it, and they end at 63 characters.
            root.setXKubernetesValidations(List.of(new ValidationRuleBuilder()
                    .withRule("self.metadata.name.size() <= 40")
                    .withMessage("metadata.name must have at most 40 characters, since names of pods and Jobs are built"
                            + " from it: choose a shorter one")
                    .build()));
            describe(root, "spec", kind.spec(), descriptions, finisher);
            describe(root, "status", kind.status(), descriptions, finisher);
            definitions.put(kind, definition);
        }
        return definitions;
    }

    private static void describe(
            JSONSchemaProps root, String property, Class<?> type, Descriptions descriptions, SchemaFinisher finisher) {
        JSONSchemaProps schema = root.getProperties().get(property);
        schema.setDescription(descriptions.of(type).orElseThrow());
        finisher.finish(schema, type);
    }

    private static CustomResourceDefinition generated(Kind kind) {
        CustomResourceDefinition[] caught = new CustomResourceDefinition[1];
        new CRDGenerator()
                .forCRDVersions("v1")
                .withParallelGenerationEnabled(false)
                .customResourceClasses(List.of(kind.resource()))
                .withPostProcessor(new CRDPostProcessor() {
                    @Override
                    public HasMetadata process(HasMetadata definition, String version) {
                        caught[0] = (CustomResourceDefinition) definition;
                        return definition;
                    }
                })
                .withOutput(new Discarded())
                .detailedGenerate();
        return caught[0];
    }

    /** Columns in the order in which the class states them; the generator sorts them by path. */
    private static List<CustomResourceColumnDefinition> columns(Class<?> resource) {
        return Stream.of(resource.getAnnotationsByType(AdditionalPrinterColumn.class))
                .map(column -> {
                    CustomResourceColumnDefinition definition = new CustomResourceColumnDefinition();
                    definition.setName(column.name());
                    definition.setType(column.type().getValue());
                    definition.setJsonPath(column.jsonPath());
                    definition.setPriority(column.priority() == 0 ? null : column.priority());
                    return definition;
                })
                .toList();
    }

    private static String yaml(CustomResourceDefinition definition) {
        try {
            JsonNode tree = YAML.readTree(YAML.writeValueAsBytes(definition));
            return YAML.writeValueAsString(wholeNumbersAsSuch(tree));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code minimum: 1.0} reads as if fractions were meant; the server stores {@code 1}. */
    private static JsonNode wholeNumbersAsSuch(JsonNode node) {
        switch (node) {
            case ObjectNode object ->
                object.properties().forEach(entry -> entry.setValue(wholeNumbersAsSuch(entry.getValue())));
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    array.set(i, wholeNumbersAsSuch(array.get(i)));
                }
            }
            default -> {
                if (node.isDouble() && node.doubleValue() == Math.rint(node.doubleValue())) {
                    return LongNode.valueOf(node.longValue());
                }
            }
        }
        return node;
    }

    /** The generator insists on writing; the definition has been caught by then. */
    private static final class Discarded implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
        @Override
        public ByteArrayOutputStream outputFor(String name) {
            return new ByteArrayOutputStream();
        }

        @Override
        public void close() {}
    }
}
