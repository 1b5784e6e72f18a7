package dev.tatara.api.v1alpha1.common;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * Names an object in the same namespace.
 *
 * @param name Name of the object, in the same namespace.
 */
@ApiType
public record LocalReference(
        @Required @Size(min = 1, max = Grammar.OBJECT_NAME_LENGTH) @Pattern(Grammar.OBJECT_NAME)
        String name) implements Named {}
