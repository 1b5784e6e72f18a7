package dev.tatara.api.v1alpha1.driftpolicy;

import dev.tatara.api.v1alpha1.common.ApiEnum;

/** Tests of whether two distributions differ. */
@ApiEnum
public enum DriftTest {
    Auto,
    KolmogorovSmirnov,
    ChiSquare,
    ZTest,
    Wasserstein,
    PSI,
    JensenShannon,
    KullbackLeibler
}
