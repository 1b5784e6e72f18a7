package dev.tatara.api.schema;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.Named;
import dev.tatara.api.v1alpha1.common.PassedOn;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Completes a generated schema with what the generator doesn't know: descriptions, the grammar of time spans, formats of
 * integers, keys of lists, the order of enumerations; and removes rules that it writes twice. Goes through the Java
 * types and the schema side by side.
 */
final class SchemaFinisher {
    /** As apimachinery's resource.Quantity documents its text. */
    private static final String QUANTITY = "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))"
            + "(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

    private final Descriptions descriptions;

    SchemaFinisher(Descriptions descriptions) {
        this.descriptions = descriptions;
    }

    /** Completes the schema of a record. */
    void finish(JSONSchemaProps schema, Class<?> type) {
        withoutRepetition(schema);
        for (RecordComponent component : type.getRecordComponents()) {
            JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
            String property = renamed == null ? component.getName() : renamed.value();
            JSONSchemaProps field = schema.getProperties().get(property);
            if (field == null) {
                throw new IllegalStateException("the schema lacks " + type.getName() + "." + property);
            }
            field.setDescription(descriptions
                    .of(type, component.getName())
                    .orElseThrow(() -> new IllegalStateException("expected a @param " + component.getName()
                            + " in the Javadoc of " + type.getName() + ", found none: describe the field there")));
            if (component.getAccessor().isAnnotationPresent(PassedOn.class)) {
                passOn(field.getItems() == null ? field : field.getItems().getSchema());
            }
            finish(field, component.getGenericType());
            if (component.getAccessor().isAnnotationPresent(Positive.class)) {
                field.setXKubernetesValidations(List.of(new ValidationRuleBuilder()
                        .withRule("self.matches('[1-9]')")
                        .withMessage("must be longer than nothing: write a time span such as 30s or 5m")
                        .build()));
            }
        }
    }

    private void finish(JSONSchemaProps schema, Type type) {
        withoutRepetition(schema);
        if (type instanceof ParameterizedType generic) {
            Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (generic.getRawType() == List.class) {
                finish(schema.getItems().getSchema(), last);
                keyed(schema, last);
            } else if (generic.getRawType() == Map.class) {
                finish(schema.getAdditionalProperties().getSchema(), last);
            }
            return;
        }
        Class<?> raw = (Class<?>) type;
        if (raw == TimeSpan.class) {
            schema.setPattern(TimeSpan.PATTERN);
            schema.setMinLength((long) TimeSpan.MIN_LENGTH);
            schema.setMaxLength((long) TimeSpan.MAX_LENGTH);
        } else if (raw == Quantity.class) {
            schema.setPattern(QUANTITY);
            schema.setMaxLength(64L);
        } else if (raw == Integer.class) {
            schema.setFormat("int32");
        } else if (raw == Long.class) {
            schema.setFormat("int64");
        } else if (raw.isEnum()) {
            schema.setEnum(Stream.of(raw.getEnumConstants())
                    .map(constant -> (JsonNode) TextNode.valueOf(constant.toString()))
                    .toList());
        } else if (raw.isAnnotationPresent(ApiType.class)) {
            finish(schema, raw);
        }
    }

    /** Lists of named things and of conditions are maps; others belong to one writer as a whole. */
    private static void keyed(JSONSchemaProps schema, Type element) {
        if (element == Condition.class) {
            schema.setXKubernetesListType("map");
            schema.setXKubernetesListMapKeys(List.of("type"));
        } else if (element instanceof Class<?> raw && Named.class.isAssignableFrom(raw)) {
            schema.setXKubernetesListType("map");
            schema.setXKubernetesListMapKeys(List.of("name"));
        } else {
            schema.setXKubernetesListType("atomic");
        }
    }

    private static void passOn(JSONSchemaProps schema) {
        schema.setType("object");
        schema.setXKubernetesPreserveUnknownFields(true);
    }

    private static void withoutRepetition(JSONSchemaProps schema) {
        List<ValidationRule> rules = schema.getXKubernetesValidations();
        if (rules != null) {
            schema.setXKubernetesValidations(List.copyOf(new LinkedHashSet<>(rules)));
        }
    }
}
