package dev.tatara.api.v1alpha1.modelversion;

import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.Named;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * One feature in an input of a model.
 *
 * @param name Name of the feature.
 * @param index Position of the feature in the input's last dimension, from 0.
 * @param kind Numerical, or Categorical where the numbers are codes.
 */
@ApiType
public record FeatureColumn(
        @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
        String name,

        @Required @Min(0) @Max(1_000_000) Integer index,
        Kind kind)
        implements Named {

    /** What the numbers of a feature mean. */
    @ApiEnum
    public enum Kind {
        Numerical,
        Categorical
    }
}
