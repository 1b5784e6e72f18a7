package dev.tatara.api.v1alpha1.rollout;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * What is measured while a candidate gets traffic.
 *
 * @param interval Time between two evaluations. 30s where absent.
 * @param minSamples Requests that the candidate must have answered before there is a verdict.
 * @param failureLimit Failures in a row of one check that fail the analysis. 1 where absent.
 * @param onInsufficientData Wait until stepTimeout and then pause, or Pause at once. Wait where absent.
 * @param checks What must hold; all of them.
 */
@ApiType
public record Analysis(
        @Positive TimeSpan interval,
        @Min(1) @Max(1_000_000_000) Integer minSamples,
        @Min(1) @Max(100) Integer failureLimit,
        OnInsufficientData onInsufficientData,
        @Size(max = 20) List<Check> checks) {
    public Analysis {
        checks = Absent.orCopy(checks);
    }

    /** What happens while there are too few samples for a verdict. */
    @ApiEnum
    public enum OnInsufficientData {
        Wait,
        Pause
    }
}
