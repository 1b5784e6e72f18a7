package dev.tatara.api.v1alpha1.modelversion;

import dev.tatara.api.v1alpha1.common.ApiEnum;

/** What a version of a model is used for. In a spec it is a claim, in a status the verdict. */
@ApiEnum
public enum Stage {
    None,
    Staging,
    Production,
    Archived
}
