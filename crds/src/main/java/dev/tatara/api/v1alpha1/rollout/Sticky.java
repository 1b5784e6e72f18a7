package dev.tatara.api.v1alpha1.rollout;

import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * Keeps requests of one key on one side: the key is hashed with a salt of the rollout. A rollback moves everybody.
 *
 * @param header Name of the request header that holds the key.
 */
@ApiType
public record Sticky(
        @Required @Size(min = 1, max = 256) @Pattern(Grammar.HEADER)
        String header) {}
