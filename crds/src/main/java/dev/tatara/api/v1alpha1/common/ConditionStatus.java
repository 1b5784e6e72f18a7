package dev.tatara.api.v1alpha1.common;

/** Whether a condition holds. */
@ApiEnum
public enum ConditionStatus {
    True,
    False,
    Unknown
}
