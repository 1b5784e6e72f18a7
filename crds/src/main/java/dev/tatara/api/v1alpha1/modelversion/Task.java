package dev.tatara.api.v1alpha1.modelversion;

import dev.tatara.api.v1alpha1.common.ApiEnum;

/** What a model does with its input. */
@ApiEnum
public enum Task {
    Classification,
    Regression,
    Other
}
