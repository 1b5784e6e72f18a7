package dev.tatara.api.v1alpha1.common;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.ContextualDeserializer;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads enumerations by name, and names that this version doesn't know as {@code null}. */
final class UnknownAsAbsent extends JsonDeserializer<Enum<?>> implements ContextualDeserializer {
    private final Map<String, Enum<?>> byName;

    UnknownAsAbsent() {
        this(Map.of());
    }

    private UnknownAsAbsent(Map<String, Enum<?>> byName) {
        this.byName = byName;
    }

    @Override
    public JsonDeserializer<?> createContextual(DeserializationContext context, BeanProperty property) {
        JavaType type = context.getContextualType();
        return new UnknownAsAbsent(Stream.of(type.getRawClass().getEnumConstants())
                .map(constant -> (Enum<?>) constant)
                .collect(Collectors.toUnmodifiableMap(Enum::name, Function.identity())));
    }

    @Override
    public Enum<?> deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        String name = parser.getValueAsString();
        return name == null ? null : byName.get(name);
    }
}
