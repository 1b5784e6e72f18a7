package dev.tatara.api.v1alpha1.featureview;

import dev.tatara.api.v1alpha1.common.ApiEnum;

/** Types of values, by Feast's names. */
@ApiEnum
public enum ValueType {
    BYTES,
    STRING,
    INT32,
    INT64,
    FLOAT,
    DOUBLE,
    BOOL,
    UNIX_TIMESTAMP,
    BYTES_LIST,
    STRING_LIST,
    INT32_LIST,
    INT64_LIST,
    FLOAT_LIST,
    DOUBLE_LIST,
    BOOL_LIST,
    UNIX_TIMESTAMP_LIST
}
